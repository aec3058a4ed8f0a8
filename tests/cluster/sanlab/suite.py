"""libiscsi's conformance suite, iscsi-test-cu, run from the host's end of the data network."""

import re
import subprocess

from . import settings
from .waiting import Failure

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


def run(node, iqn, lun):
    """Every test, destructive ones as well, on a LUN of the node. Those for several paths get the same path twice."""
    url = f"iscsi://{node.address(settings.DATA)}:{settings.PORT}/{iqn}/{lun}"
    try:
        done = subprocess.run(["iscsi-test-cu", "--dataloss", "--verbose", "--test=ALL", url, url], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace", timeout=300, check=False)
    except FileNotFoundError:
        raise Failure("iscsi-test-cu is not installed: it is in the package libiscsi-bin") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"iscsi-test-cu {url}: no end within 300 s") from None
    if "Run Summary" not in done.stdout:
        raise Failure(f"iscsi-test-cu {url}: exit {done.returncode}: {done.stdout[-2000:]}")
    return results(done.stdout)


def recorded(file):
    """The names in a list of Suite.Test and reason, one a line."""
    lines = (line.split("#")[0].split(maxsplit=1) for line in file.read_text().splitlines())
    return {words[0] for words in lines if words}
