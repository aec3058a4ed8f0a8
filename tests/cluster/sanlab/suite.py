"""libiscsi's conformance suite, iscsi-test-cu, run from the host's end of the data network."""

import re
import subprocess

from . import settings
from .waiting import Failure, say

_PATIENCE = 200  # seconds; it takes some fifty
_HEADING = re.compile(r"^(?:Suite: (\w+)|  Test: (\S+) \.\.\.)", re.MULTILINE)


def results(text):
    """What became of each test, by Suite.Test: passed, failed or skipped."""
    found, suite = {}, None
    headings = list(_HEADING.finditer(text))
    for heading, end in zip(headings, [*(later.start() for later in headings[1:]), len(text)]):
        if heading[1]:
            suite = heading[1]
            continue
        # The verdict is the last word of a line, unless what is told of the clearing up follows it.
        said = text[heading.end():end]
        verdict = re.search(r"(?:^|\.\.\.)(passed|FAILED)\b", f"...{said}", re.MULTILINE)
        passed = verdict and verdict[1] == "passed"
        found[f"{suite}.{heading[2]}"] = "failed" if not passed else "skipped" if "[SKIPPED]" in said else "passed"
    return found


def _run_once(url):
    """All that the suite says; nothing when it hangs."""
    try:
        done = subprocess.run(["iscsi-test-cu", "--dataloss", "--verbose", "--test=ALL", url, url], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace", timeout=_PATIENCE, check=False)
    except FileNotFoundError:
        raise Failure("iscsi-test-cu is not installed: it is in the package libiscsi-bin") from None
    except subprocess.TimeoutExpired as hung:
        said = (hung.stdout or b"").decode(errors="replace")
        say(f"  iscsi-test-cu hangs after {len(results(said))} tests; it had said: {said[-300:]!r}")
        return None
    if "Run Summary" not in done.stdout:
        raise Failure(f"iscsi-test-cu {url}: exit {done.returncode}: {done.stdout[-2000:]}")
    return done.stdout


def run(node, iqn, lun):
    """Every test, destructive ones as well, on a LUN of the node. Those for several paths get the same path twice."""
    url = f"iscsi://{node.address(settings.DATA)}:{settings.PORT}/{iqn}/{lun}"
    # Seen with libiscsi 1.19 on a busy host: the program stands still after an abort that came later than the end of its
    # write; the target has answered ("TMR_TASK_DOES_NOT_EXIST") and ends its idle sessions. What hangs twice is a fault.
    for _ in range(2):
        if (said := _run_once(url)) is not None:
            return results(said)
    raise Failure(f"iscsi-test-cu {url}: twice no end within {_PATIENCE} s")


def recorded(file):
    """The names in a list of Suite.Test and reason, one a line."""
    lines = (line.split("#")[0].split(maxsplit=1) for line in file.read_text().splitlines())
    return {words[0] for words in lines if words}
