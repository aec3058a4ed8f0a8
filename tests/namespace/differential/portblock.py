"""The cases of portblock, and where it differs from the shell agent on purpose."""

from . import ports as ROOM
from .bench import Case
from .difference import Difference

SHELL_AGENT = "/usr/lib/ocf/resource.d/heartbeat/portblock"

_IP = {"protocol": "tcp", "portno": "3260", "ip": "10.0.0.7"}
ACTIONS = ("start", "stop", "monitor", "probe", "status", "validate-all")

# The doors: each is tried with a resource that blocks and one that unblocks.
DOORS = {
    "one port": _IP,
    "a list": _IP | {"portno": "80,443,3260"},
    "a range": _IP | {"portno": "1000:1010"},
    "a list with a range": _IP | {"portno": "22,1000:1010"},
    "UDP": _IP | {"protocol": "udp", "portno": "2049"},
    "every address": {"protocol": "tcp", "portno": "3260"},
    "a network": _IP | {"ip": "10.0.0.0/24"},
    "out": _IP | {"direction": "out"},
    "both": _IP | {"direction": "both"},
    "IPv6": _IP | {"ip": "2001:db8::7"},
}
_FLUSH = "iptables -w -F 2>/dev/null; nft flush ruleset"
# What the shell agent of a node that has just got ours has left.
_SHELL_RULE = "iptables -w -I INPUT -p tcp -d 10.0.0.7 -m multiport --dports 3260 -j DROP"
# What happened before, to the block and to the unblock of the door.
STATES = {
    "absent": (),
    "blocked": (("block", "start"),),
    "opened": (("block", "start"), ("unblock", "start")),
    "closed again": (("block", "start"), ("unblock", "start"), ("unblock", "stop")),
    "left": (("block", "start"), ("unblock", "start"), ("unblock", "stop"), ("block", "stop")),
    "blocked twice": (("block", "start"), ("block", "start")),
    "opened alone": (("unblock", "start"),),
    "blocked, flushed": (("block", "start"), _FLUSH),
    "opened, flushed": (("block", "start"), ("unblock", "start"), _FLUSH),
    "a rule of the shell agent": (_SHELL_RULE,),
}
BAD = {
    "no protocol": {"portno": "3260", "action": "block"},
    "empty protocol": _IP | {"protocol": "", "action": "block"},
    "protocol in capitals": _IP | {"protocol": "TCP", "action": "block"},
    "no portno": {"protocol": "tcp", "action": "block"},
    "portno that is none": _IP | {"portno": "iscsi", "action": "block"},
    "portno with a blank": _IP | {"portno": "80, 443", "action": "block"},
    "portno with a gap": _IP | {"portno": "80,,443", "action": "block"},
    "portno too high": _IP | {"portno": "65536", "action": "block"},
    "portno 0": _IP | {"portno": "0", "action": "block"},
    "a range upside down": _IP | {"portno": "20:10", "action": "block"},
    "no action": _IP,
    "an action that is none": _IP | {"action": "open"},
    "an ip that is none": _IP | {"ip": "10.0.0.256", "action": "block"},
    "a direction that is none": _IP | {"direction": "up", "action": "block"},
    "tickle_dir to block": _IP | {"action": "block", "tickle_dir": "/tmp"},
    "tickle_dir that is not there": _IP | {"action": "unblock", "tickle_dir": "/no/such/directory"},
    "reset to block": _IP | {"action": "block", "reset_local_on_unblock_stop": "true"},
}
_BAD_PORTS = ("portno too high", "portno 0", "a range upside down", "portno with a blank", "portno with a gap",
              "portno that is none")

# A connection of the address with itself, which ends with the room's shell.
_CONNECTION = r"""
mkfifo ready
exec 9> >(exec python3 -c '
import socket, sys
listener = socket.create_server(("10.0.0.7", 3260))
client = socket.create_connection(("10.0.0.7", 3260), source_address=("10.0.0.7", 40000))
server, _ = listener.accept()
open("ready", "w").write("connected\n")
sys.stdin.read()
' >/dev/null 2>&1)
read <ready
"""


def _resource(door, what):
    return door | {"action": what}


def _case(words, door, state, what, action, **more):
    history = tuple(step if isinstance(step, str) else (f"p_{step[0]}", step[1], _resource(door, step[0]))
                    for step in STATES[state])
    before = more.pop("before", "")
    return Case(f"{words}, {what}; {state}; {action}", action, _resource(door, what) | more, before, history,
                f"p_{what}")


def cases():
    for state in STATES:
        for what in ("block", "unblock"):
            for action in ACTIONS:
                yield _case("one port", DOORS["one port"], state, what, action)
    for words in list(DOORS)[1:]:
        for state in ("absent", "opened"):
            for what in ("block", "unblock"):
                for action in ("start", "stop", "monitor"):
                    yield _case(words, DOORS[words], state, what, action)
    for words, parameters in BAD.items():
        for action in ("start", "stop", "monitor", "probe", "validate-all"):
            yield Case(f"{words}; absent; {action}", action, parameters)
    for what in ("block", "unblock"):
        yield _case("one port", DOORS["one port"], "absent", what, "no_such_action")
    for action in ("monitor", "stop"):
        yield _case("the list", _IP, "opened", "unblock", action, tickle_dir="SCRATCH/tickles", before=_CONNECTION)


_LOOK = ("monitor", "probe", "status")


def _ours_is_open(ours):
    return not any(fact.startswith(("input", "output")) for fact in ours.facts)


DIFFERENCES = (
    Difference("stop of what was not started closes nothing",
               "The cluster stops what it is not sure of, on any node; the shell agent leaves the ports closed there.",
               lambda case, shell, ours: case.action == "stop" and case.parameters.get("action") == "unblock"
               and case.state in ("absent", "left", "blocked, flushed") and ours.code == 0 and _ours_is_open(ours)),
    Difference("IPv6",
               "This shell agent cannot; later ones can.",
               lambda case, shell, ours: ":" in case.parameters.get("ip", "") and (shell.code, ours.code) == (2, 0)),
    Difference("stop needs no parameters",
               "A failed stop costs the node, and such a resource cannot have been started.",
               lambda case, shell, ours: case.action == "stop" and shell.code in (1, 2, 6) and ours.code == 0
               and shell.facts == ours.facts),
    Difference("a malformed value is 6 whoever asks",
               "The shell agent reads values in validate-all alone, and those of some parameters never.",
               lambda case, shell, ours: case.name.split(";")[0] in BAD and case.action != "stop"
               and shell.code in (0, 1, 2, 7) and ours.code == 6 and not ours.facts and "expected" in ours.reason),
    Difference("a directory that is not there is said at start",
               "The shell agent notices in validate-all, and loses the list of connections without a word.",
               lambda case, shell, ours: "directory" in case.parameters.get("tickle_dir", "") and case.action == "start"
               and (shell.code, ours.code) == (0, 5)),
    Difference("what another tool has flushed is a failure",
               "The ports are open before the service is there; later shell agents say 'not running'.",
               lambda case, shell, ours: case.state == "blocked, flushed" and case.parameters["action"] == "block"
               and case.action in _LOOK and (shell.code, ours.code) == (0, 1)
               and "is open" in ours.reason),
    Difference("a rule does not tell whose it is",
               "Several resources may close the same ports: a block that was never started here is not running.",
               lambda case, shell, ours: case.parameters.get("action") == "block" and case.action in _LOOK
               and case.state == "a rule of the shell agent" and (shell.code, ours.code) == (0, 7)),
)
