# Needs nothing. Proves that a target's portals are what initiators meet: a listener that the kernel has lost, which keeps
# the port from every later start, is ended by start; one that is gone while its portal is still there is a failure of
# monitor; another program's is left alone and named.

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False

_LOSE = "/root/lose_listener.py"
_IQN = "iqn.2026-01.org.example:san.portals"
_WIDE = ("iSCSITarget", {"iqn": _IQN, "portals": "0.0.0.0:3270"})
_TWO = ("iSCSITarget", {"iqn": _IQN, "portals": "10.99.0.1:3270 [::1]:3270"})


def _listeners(node):
    return access.on(node, "ss -Hltn 'sport = :3270'").strip()


def _must(node, subject, action, code, *words, **more):
    interval = 10000 if action == "monitor" else 0
    result = agent.call(node, *subject[:1], action, subject[1], interval, **more)
    if result.code != code or any(word not in result.reason for word in words):
        raise Failure(f"{subject[0]} {action}: exit {result.code} instead of {code}: {result.errors}")
    if result.reason:
        say(f"  {action}: {result.reason}")
    return result


def _lost(node):
    for portal, subject in (("0.0.0.0:3270", _WIDE), ("[::]:3270", _TWO), ("10.99.0.1:3270", _WIDE)):
        access.on(node, f"python3 {_LOSE} {portal}")
        if not _listeners(node):
            raise Failure(f"no listener was lost at {portal}")
        result = _must(node, subject, "start", 0)
        if "left in the kernel" not in result.errors:
            raise Failure(f"start says nothing of the listener at {portal}: {result.errors}")
        _must(node, subject, "monitor", 0)
        _must(node, subject, "stop", 0)
        if left := _listeners(node):
            raise Failure(f"left of {portal}: {left}")


def _gone(node):
    _must(node, _TWO, "start", 0)
    _must(node, _TWO, "monitor", 0)
    access.on(node, "ss -K -Hltn 'src [::1]:3270'")
    _must(node, _TWO, "monitor", 1, "nobody listens at portal [::1]:3270")
    _must(node, _TWO, "stop", 0)


def _program(node):
    # With all the marks of the kernel's own, but in a process.
    access.on(node, "python3 -c 'import os, socket; s = socket.socket(); s.setsockopt(0, 15, 1); "
                    "s.setsockopt(1, 2, 1); s.bind((\"0.0.0.0\", 3270)); s.listen(256); "
                    "os.fork() and os._exit(0); [os.close(n) for n in range(3)]; import signal; signal.pause()'")
    before = _listeners(node)
    _must(node, _WIDE, "start", 1, "portal 0.0.0.0:3270", "python3")
    if _listeners(node) != before:
        raise Failure(f"another program's listener is not what it was: {_listeners(node)} instead of {before}")
    access.on(node, "kill $(ss -Hltnp 'sport = :3270' | sed 's/.*pid=\\([0-9]*\\).*/\\1/')")


def run(_):
    node = settings.ALICE
    access.push(settings.HERE / "onnode/lose_listener.py", node, _LOSE)
    access.on(node, "modprobe -a target_core_mod iscsi_target_mod && mkdir -p /sys/kernel/config/target/iscsi")
    _lost(node)
    _gone(node)
    _program(node)
