# SPDX-License-Identifier: GPL-2.0-or-later
"""The stacks of documents and our own, against reviewed findings: python3 -m check.stacks BUILD

SAN_UPDATE_GOLDEN=1 accepts new findings of the documents' stacks.
"""

import json
import os
import sys
from pathlib import Path

from . import place
from .documents import STACKS

_DATA = Path(__file__).resolve().parent.parent / "data"
# Timeouts that they advise differ with their version: what is reviewed is that of those which the lab runs.
_JUDGED = ("heartbeat/iSCSITarget", "heartbeat/LVM", "linbit/drbd")


def _said(text):
    """What is found, without what depends on where it runs."""
    return "".join(line + "\n" for line in text.split("\n\n")[0].splitlines() if "[unread]" not in line)


def _documents(room):
    for name, configuration in STACKS.items():
        found = _said(room.check({"cib": configuration()}, status={0, 1, 2}))
        reviewed = _DATA / "check" / "stacks" / f"{name}.txt"
        if os.environ.get("SAN_UPDATE_GOLDEN"):
            reviewed.write_text(found)
        if found != reviewed.read_text():
            yield f"{name}: found\n{found}"


def _own(room):
    """What our templates make is clean, but for what its name admits to."""
    for file in sorted((_DATA / "templates").glob("*.xml")):
        document = json.loads(room.check({"cib": file.read_text()}, "--output-as=json", status={0, 2}))
        rules = {finding["rule"] for finding in document["findings"]
                 if not (finding["rule"] == "unread" and ":heartbeat:" in finding["subject"])}
        # san-iscsi-lun adds to a stack, which the test of templates makes without fencing.
        allowed = {"fencing-off"} if "without-fencing" in file.name or file.name == "san-iscsi-lun.xml" else set()
        if rules != allowed:
            yield f"{file.name}: {rules or 'nothing'} in place of {allowed or 'nothing'}"


def main():
    room = place.Place(sys.argv[1])
    room.need_agents(*_JUDGED)
    problems = [*_documents(room), *_own(room)]
    for problem in problems:
        print(problem)
    print(f"{len(STACKS)} stacks of documents, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
