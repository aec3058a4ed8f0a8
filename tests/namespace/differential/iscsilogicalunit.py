"""The cases of iSCSILogicalUnit on tgt, and where it differs from the shell agent on purpose."""

from . import daemon as ROOM
from .difference import Difference

SHELL_AGENT = "/usr/lib/ocf/resource.d/heartbeat/iSCSILogicalUnit"

_IQN = "iqn.2026-01.org.example:disk1"
_GOOD = {"implementation": "tgt", "target_iqn": _IQN, "lun": "1", "path": "SCRATCH/disk1"}
SETS = {
    "plain": _GOOD,
    "an identity": _GOOD | {"scsi_id": "san.lun1", "scsi_sn": "0123abcd", "vendor_id": "EXAMPLE", "product_id": "DISK"},
    "a driver": _GOOD | {"tgt_bstype": "rdwr", "tgt_bsoflags": "sync"},
    "past the cache": _GOOD | {"tgt_bstype": "aio", "tgt_bsoflags": "direct"},
    "a type": _GOOD | {"tgt_device_type": "cd"},
    "a mode page": _GOOD | {"additional_parameters":
                            "mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0"},
}
_TARGET = f"tgtadm --lld iscsi --mode target --op new --tid 1 --targetname {_IQN}"
_THEIRS = "tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 --backing-store $PWD/disk2"
_OURS = "tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 --backing-store $PWD/disk1"
_START = ("p_test", "start")
STATES = {
    "absent": (_TARGET,),
    "started": (_TARGET, _START),
    "started twice": (_TARGET, _START, _START),
    "stopped": (_TARGET, _START, ("p_test", "stop")),
    "without a target": (),
    "half made": (_TARGET, _OURS),
    "another unit": (_TARGET, _THEIRS),
    "at another number": (_TARGET, _OURS.replace("--lun 1", "--lun 2")),
    "on another target": (_TARGET.replace("disk1", "disk9"), _OURS),
    "offline": (_TARGET, _START, "tgtadm --lld iscsi --mode logicalunit --op update --tid 1 --lun 1 --params online=0"),
    "without its path": (_TARGET, _START, "rm disk1"),
    "killed": (_TARGET, _START, "kill -9 $daemon; wait $daemon 2>/dev/null"),
}
BAD = {
    "no target_iqn": {name: value for name, value in _GOOD.items() if name != "target_iqn"},
    "no lun": {name: value for name, value in _GOOD.items() if name != "lun"},
    "no path": {name: value for name, value in _GOOD.items() if name != "path"},
    "lun 0": _GOOD | {"lun": "0"},
    "a lun that is none": _GOOD | {"lun": "one"},
    "a path that is not there": _GOOD | {"path": "SCRATCH/missing"},
    "a driver that is none": _GOOD | {"tgt_bstype": "fileio"},
    "flags that are none": _GOOD | {"tgt_bsoflags": "dsync"},
    "a type that is none": _GOOD | {"tgt_device_type": "disc"},
    "an implementation that is none": _GOOD | {"implementation": "tapes"},
    "an unknown parameter": _GOOD | {"additional_parameters": "colour=blue"},
}


def cases():
    return ROOM.cases(STATES, SETS, BAD)


_LOOK = ("monitor", "probe", "status")


def _bad(case):
    return case.name.split(";")[0] in BAD


def _unit(facts):
    return any(" unit 1 " in fact for fact in facts)


DIFFERENCES = (
    Difference("a unit without its identity is half made",
               "Initiators would take it for another disk; the shell agent looks for the path alone.",
               lambda case, shell, ours: case.state == "half made" and case.action in (*_LOOK, "start") and shell.code == 0
               and (ours.code == 1 and "serial number is" in ours.reason
                    or case.action == "start" and any(fact.endswith("id p_test") for fact in ours.facts))),
    Difference("a path at another number is another unit",
               "The shell agent looks for the path in any place, and its stop then tries for ever.",
               lambda case, shell, ours: case.state == "at another number"
               and (shell.code, ours.code) in ((0, 0), (0, 7), (ROOM.ENDLESS, 0))
               and _unit(ours.facts) == (case.action == "start")),
    Difference("a unit that is offline is a failure, and start mends it",
               "Initiators are told that it is not ready.",
               lambda case, shell, ours: case.state == "offline" and shell.code == 0
               and (ours.code == 1 and "offline" in ours.reason
                    or case.action == "start" and any(fact.endswith("online Yes") for fact in ours.facts))),
    Difference("the daemon tells whether a unit is there, not the path",
               "It has the file open and serves it on; the shell agent's stop leaves the unit there.",
               lambda case, shell, ours: case.state == "without its path"
               and (shell.code, ours.code) in ((1, 0), (0, 0), (7, 0)) and _unit(ours.facts) == (case.action != "stop")),
    Difference("stop needs no parameters",
               "A failed stop costs the node, and such a resource cannot have been started.",
               lambda case, shell, ours: _bad(case) and case.action == "stop" and (shell.code, ours.code) == (6, 0)
               and shell.facts == ours.facts),
    Difference("lun 0 was never started",
               "tgt has something else there; only what was to be started is a mistake.",
               lambda case, shell, ours: case.parameters.get("lun") == "0" and case.action in ("monitor", "probe")
               and (shell.code, ours.code) == (6, 7)),
    Difference("what cannot be opened is wrong on this node",
               "Trying again there cannot help, another node may do.",
               lambda case, shell, ours: _bad(case) and case.action == "start" and (shell.code, ours.code) == (1, 2)
               and "expected" in ours.reason and not _unit(ours.facts)),
    Difference("a malformed value is 6, and leaves nothing",
               "The shell agent leaves a unit behind that has only a part of what was asked for.",
               lambda case, shell, ours: _bad(case) and shell.code in (0, 1) and ours.code == 6 and "expected" in ours.reason
               and not _unit(ours.facts)),
)
