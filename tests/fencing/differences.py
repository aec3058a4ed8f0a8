"""What differs from the scripts of drbd-utils on purpose."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Difference:
    name: str
    reason: str
    explains: Callable  # of a case, the script's outcome and ours


def _codes(theirs, ours, wanted):
    return (theirs.code, ours.code) == wanted


DIFFERENCES = (
    Difference("no DC", "without a DC nobody would act on the constraint: 8.4's script places it, 9's does not",
               lambda case, theirs, ours: case.state == "no-dc" and not ours.constraints),
    Difference("no quorum", "a partition without quorum places nothing: with 9's script, not with 8.4's",
               lambda case, theirs, ours: not case.nine and (not case.quorum or case.state == "no-quorum")
               and _codes(theirs, ours, (4, 1))),
    Difference("times in node_state", "since Pacemaker 2.1.7 membership is a time; drbd-utils 9.22 does not know that",
               lambda case, theirs, ours: case.state.endswith("-times") and theirs.code == 5),
    Difference("templates", "the parameter drbd_resource may stand in a template",
               lambda case, theirs, ours: case.state == "template" and _codes(theirs, ours, (1, 4))),
    Difference("names", "a host's name is compared with the cluster's without case and domain, and the cluster's is written",
               lambda case, theirs, ours: case.state == "other-names" and _codes(theirs, ours, (5, 4))),
    Difference("Promoted is Master", "both words are one role",
               lambda case, theirs, ours: case.state == "own-constraint-promoted" and _codes(theirs, ours, (1, 4))),
    Difference("not configured", "no data at all is a mistake of the caller, not a peer that cannot be reached: as 9's script",
               lambda case, theirs, ours: case.name == "8: not configured" and _codes(theirs, ours, (5, 1))),
    Difference("disks in between", "a disk that is being attached is not known to be good",
               lambda case, theirs, ours: "Negotiating" in case.disks and not ours.constraints),
    Difference("strict enough", "a constraint that excludes more than is wanted is in place; the script fails to change nothing",
               lambda case, theirs, ours: theirs.constraints == ours.constraints and _codes(theirs, ours, (1, 4))
               and case.name.startswith("9: three")),
    Difference("some peers in sync", "the constraint is extended without UP_TO_DATE_NODES too (drbd-utils issue 11)",
               lambda case, theirs, ours: case.action == "unfence" and "no mask" in case.name),
)
