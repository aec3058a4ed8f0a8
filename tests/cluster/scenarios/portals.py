# Needs nothing. Proves that a target's portals are what initiators meet: a listener that the kernel has lost, which keeps
# the port from every later start, is ended by start; one that is gone while its portal is still there is a failure of
# monitor; another program's is left alone and named. And of OCF_CHECK_LEVEL=10: monitor logs in and sees what only a login
# shows, takes a port that portblock has closed for no failure, and does not disturb the initiator whose name it uses.

import re

from sanlab import access, agent, build_root, settings
from sanlab.initiator import Initiator
from sanlab.waiting import Failure, say

STACK = False

_LOSE = "/root/lose_listener.py"
_LIBRARY = "/usr/lib/*/san-agents/libsan-logins.so.0"
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


def _bring_libiscsi(lab, node):
    """What the image lacks: libiscsi and what it needs, from where ours were linked."""
    root = build_root.root(lab.suite)
    while missing := re.findall(r"^\s*(\S+) => not found", access.on(node, f"ldd {_LIBRARY}"), re.MULTILINE):
        for name in missing:
            if not (found := next(root.glob(f"usr/lib/*/{name}"), None)):
                raise Failure(f"{root} has no {name}, which {_LIBRARY} needs")
            access.push(found.resolve(), node, f"/{found.relative_to(root)}")
        access.on(node, "ldconfig")


def _closely(lab, node):
    access.push(settings.HERE / "onnode/dead_device.py", node, "/root/dead_device.py")
    access.on(node, "python3 /root/dead_device.py make")
    address = f"{node.address(settings.DATA)}:3270"
    target = ("iSCSITarget", {"iqn": _IQN, "portals": f"{address} 127.0.0.1:3270 10.99.0.1:3270",
                              "allowed_initiators": "iqn.2026-01.com.example:san-initiator",
                              "incoming_username": "writer", "incoming_password": "password1234"})
    unit = ("iSCSILogicalUnit", {"target_iqn": _IQN, "lun": "1", "path": "/dev/mapper/lab-dead"})
    for subject in (target, unit):
        _must(node, subject, "start", 0)
    _must(node, target, "monitor", 5, "expected libiscsi", OCF_CHECK_LEVEL=10)
    _bring_libiscsi(lab, node)

    secret = lab.place / "secret"
    secret.write_text("password1234")
    writer = Initiator(lab.program, lab.place, f"iscsi://{address}/{_IQN}/1")
    writer.start(1024, "--user", "writer", "--password-file", str(secret))
    try:
        writer.wait_writing(60)
        for _ in range(10):
            for subject in (target, unit):
                _must(node, subject, "monitor", 0, OCF_CHECK_LEVEL=10)
        account = writer.stop()
    finally:
        writer.kill()
    say(f"  {account['written']} blocks written meanwhile, longest interruption "
        f"{account['longest_interruption_ms']} ms")
    if account["interruptions"]:
        raise Failure(f"the logins interrupted the initiator: {account['interruptions']}")

    # What nobody sees who does not log in.
    group = f"/sys/kernel/config/target/iscsi/{_IQN}/tpgt_1"
    access.on(node, f"printf None >{group}/param/AuthMethod")
    _must(node, target, "monitor", 0)
    _must(node, target, "monitor", 1, f"portal {address}", "login", OCF_CHECK_LEVEL=10)
    _must(node, unit, "monitor", 1, "login", OCF_CHECK_LEVEL=10)
    # Closed, it cannot be asked; neither can the one that is closed with it.
    doors = [("portblock", {"protocol": "tcp", "portno": "3270", "action": "block", "direction": "both"} | more)
             for more in ({"ip": node.address(settings.DATA)}, {"ip": "127.0.0.1"})]
    for door in doors:
        _must(node, door, "start", 0)
    for subject in (target, unit):
        _must(node, subject, "monitor", 0, OCF_CHECK_LEVEL=10)
    for door in doors:
        _must(node, door, "stop", 0)
    access.on(node, f"printf CHAP >{group}/param/AuthMethod")
    for subject in (target, unit):
        _must(node, subject, "monitor", 0, OCF_CHECK_LEVEL=10)

    access.on(node, "python3 /root/dead_device.py suspend")
    _must(node, unit, "monitor", 1, "is suspended", OCF_CHECK_LEVEL=10)
    access.on(node, "python3 /root/dead_device.py resume")
    for subject in (unit, target):
        _must(node, subject, "stop", 0)


def _stranded(lab, node):
    """The group's order at stop: the address goes first, and what was on its way to the unit never arrives."""
    unit = ("iSCSILogicalUnit", {"target_iqn": _IQN, "lun": "1", "path": "/dev/mapper/lab-dead"})
    for subject in (_WIDE, unit, agent.ADDRESS):
        _must(node, subject, "start", 0)
    (lab.place / "stranded").mkdir()
    writer = Initiator(lab.program, lab.place / "stranded", f"iscsi://{settings.SERVICE_ADDRESS}:3270/{_IQN}/1")
    writer.start(1024)
    try:
        writer.wait_writing(60)
        _must(node, agent.ADDRESS, "stop", 0)
        result = _must(node, unit, "stop", 0)
    finally:
        writer.kill()
    if f"connections to {settings.SERVICE_ADDRESS}:3270 ended" not in result.errors:
        raise Failure(f"stop of the unit left the initiator's connection: {result.errors}")
    _must(node, _WIDE, "stop", 0)


def run(lab):
    node = settings.ALICE
    access.push(settings.HERE / "onnode/lose_listener.py", node, _LOSE)
    access.on(node, "modprobe -a target_core_mod iscsi_target_mod && mkdir -p /sys/kernel/config/target/iscsi")
    _lost(node)
    _gone(node)
    _program(node)
    _closely(lab, node)
    _stranded(lab, node)
