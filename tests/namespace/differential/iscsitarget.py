"""The cases of iSCSITarget on tgt, and where it differs from the shell agent on purpose."""

from . import daemon as ROOM
from .difference import Difference

SHELL_AGENT = "/usr/lib/ocf/resource.d/heartbeat/iSCSITarget"

_IQN = "iqn.2026-01.org.example:disk1"
_GOOD = {"implementation": "tgt", "iqn": _IQN, "tid": "1"}
SETS = {
    "plain": _GOOD,
    "addresses": _GOOD | {"allowed_initiators": "10.0.0.2 10.1.0.0/16"},
    "an account": _GOOD | {"incoming_username": "client", "incoming_password": "s3cretpassw0rd"},
    "parameters": _GOOD | {"additional_parameters": "MaxQueueCmd=64 InitialR2T=No"},
    "portals": _GOOD | {"portals": "10.0.0.7:3261"},
}
_START = ("p_test", "start")
_UNIT = "tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 --backing-store $PWD/disk1"
STATES = {
    "absent": (),
    "started": (_START,),
    "started twice": (_START, _START),
    "stopped": (_START, ("p_test", "stop")),
    "with a unit": (_START, _UNIT),
    "half made": (f"tgtadm --lld iscsi --mode target --op new --tid 1 --targetname {_IQN}",),
    "offline": (_START, "tgtadm --lld iscsi --mode target --op update --tid 1 --name state --value offline"),
    "another of that number": ("tgtadm --lld iscsi --mode target --op new --tid 1 --targetname iqn.2026-01.org.example:other",),
    "another whose name begins so": (
        f"tgtadm --lld iscsi --mode target --op new --tid 2 --targetname {_IQN}0",),
    "killed": (_START, "kill -9 $daemon; wait $daemon 2>/dev/null"),
    "never there": ("kill -9 $daemon; wait $daemon 2>/dev/null",),
}
BAD = {
    "no iqn": {"implementation": "tgt", "tid": "1"},
    "no tid": {"implementation": "tgt", "iqn": _IQN},
    "a tid that is none": _GOOD | {"tid": "one"},
    "an iqn that is none": _GOOD | {"iqn": "disk 1"},
    "an implementation that is none": _GOOD | {"implementation": "tapes"},
    "a value that the daemon refuses": _GOOD | {"additional_parameters": "InitialR2T=maybe"},
    "an unknown parameter": _GOOD | {"additional_parameters": "Colour=blue"},
}


def cases():
    return ROOM.cases(STATES, SETS, BAD)


_LOOK = ("monitor", "probe", "status")


def _same_but_open(shell, ours):
    """Whether only the admission of everybody makes the difference."""
    return shell.code == ours.code and tuple(fact for fact in ours.facts if not fact.endswith("admits ALL")) == shell.facts


def _bad(case):
    return case.name.split(";")[0] in BAD


DIFFERENCES = (
    Difference("without a list everybody is admitted",
               "The shell agent means to, and admits nobody: its default has set the variable already.",
               lambda case, shell, ours: "allowed_initiators" not in case.parameters and _same_but_open(shell, ours)),
    Difference("monitor sees what keeps initiators out",
               "The shell agent looks for the name alone.",
               lambda case, shell, ours: case.action in _LOOK and case.state in ("half made", "offline")
               and (shell.code, ours.code) == (0, 1) and ("is missing" in ours.reason or "is offline" in ours.reason)),
    Difference("start makes what is offline ready",
               "The shell agent finds the name and does nothing.",
               lambda case, shell, ours: case.action == "start" and case.state == "offline"
               and any(fact.endswith(" offline") for fact in shell.facts)
               and any(fact.endswith(" ready") for fact in ours.facts)),
    Difference("a number that another target has is wrong on this node",
               "Trying again there cannot help.",
               lambda case, shell, ours: case.action == "start" and case.state == "another of that number"
               and (shell.code, ours.code) == (1, 2) and "tid=" in ours.reason),
    Difference("a target whose name only begins so is another one",
               "The shell agent looks for the name anywhere in the list.",
               lambda case, shell, ours: case.state == "another whose name begins so"
               and shell.code in (0, ROOM.ENDLESS) and ours.code == {"start": 0, "stop": 0}.get(case.action, 7)),
    Difference("portals are listened at",
               "The shell agent warns that it ignores them.",
               lambda case, shell, ours: "portals" in case.parameters and ours.code == shell.code == 0
               and "Portal: 10.0.0.7:3261,1" in ours.facts and "Portal: 10.0.0.7:3261,1" not in shell.facts),
    Difference("stop needs no parameters",
               "A failed stop costs the node, and such a resource cannot have been started.",
               lambda case, shell, ours: case.action == "stop" and (shell.code, ours.code) == (6, 0)
               and shell.facts == ours.facts),
    Difference("tid has a default",
               "One that follows from the name, the same on every node.",
               lambda case, shell, ours: _bad(case) and "tid" not in case.parameters and shell.code == 6
               and ours.code in (0, 7)),
    Difference("a malformed value is 6 whoever asks, and leaves nothing",
               "The shell agent reads few values before it uses them, and leaves what it has made.",
               lambda case, shell, ours: _bad(case) and shell.code in (0, 1, 7) and ours.code == 6
               and not any("Target" in fact for fact in ours.facts) and "expected" in ours.reason),
    Difference("a parameter that tgt does not know is warned about",
               "As on the kernel's target: the shell agents agree there, and fail here.",
               lambda case, shell, ours: case.action == "start" and "Colour" in case.parameters.get("additional_parameters", "")
               and (shell.code, ours.code) == (1, 0)),
)
