# Needs the stack. Proves what happens when the device below a logical unit dies while an initiator writes: monitor and stop
# of the unit and of its target end within the timeouts that the metadata advertises, with a reason that names the unit, the
# step that hangs and the device. Of a device that is suspended: monitor and stop fail and go on failing, nothing that comes
# later hangs, and once it is resumed a second stop succeeds. Of one that answers with errors: monitor fails, stop succeeds,
# and the same below the cluster's own storage moves the group to the other node, where the initiator writes on.

import time
import xml.etree.ElementTree as xml

from sanlab import access, agent, cluster, settings, stack
from sanlab.initiator import Initiator
from sanlab.waiting import Failure, say, wait_until

_PROGRAM = "/root/dead_device.py"
_DEVICE = "/dev/mapper/lab-dead"
_IQN = "iqn.2026-01.org.example:san.dead"
_PORT = 3270
_TARGET = ("iSCSITarget", {"iqn": _IQN, "portals": f"0.0.0.0:{_PORT}"})
_UNIT = ("iSCSILogicalUnit", {"target_iqn": _IQN, "lun": "1", "path": _DEVICE})
_UNIT_NAME = f"by_hand_{_UNIT[0]}"


def _device(node, *actions):
    access.on(node, f"python3 {_PROGRAM} {' '.join(actions)}")


def _timeouts(node, name):
    """What the agent advertises, in seconds, by action."""
    text = access.on(node, f"OCF_ROOT=/usr/lib/ocf {agent.FOLDER}/{name} meta-data")
    actions = xml.fromstring(text).iterfind("actions/action")
    return {found.get("name"): int(found.get("timeout").rstrip("s")) for found in actions
            if found.get("depth", "0") == "0"}


class Bench:
    """The two agents, called as the cluster does: with its timeout, after which the action would be killed."""

    def __init__(self, node):
        self._node = node
        self._timeouts = {name: _timeouts(node, name) for name, _ in (_TARGET, _UNIT)}

    def act(self, subject, action, code, *words):
        name, parameters = subject
        seconds = self._timeouts[name][action]
        interval = 10000 if action == "monitor" else 0
        begin = time.monotonic()
        result = agent.call(self._node, name, action, parameters, interval, seconds * 1000)
        took = time.monotonic() - begin
        say(f"  {name} {action}: exit {result.code} in {took:.1f} s: {result.reason}")
        if took > seconds:
            raise Failure(f"{name} {action} took {took:.1f} s, of {seconds} s")
        if result.code != code:
            raise Failure(f"{name} {action}: exit {result.code} instead of {code}: {result.errors}")
        if missing := [word for word in words if word not in result.reason]:
            raise Failure(f"{name} {action}: nothing of {', '.join(missing)} in {result.reason!r}")
        # Other units of the target are used through them, and a new one could not be made.
        if "a command does not end" in result.errors:
            raise Failure(f"{name} {action} ended connections because of a device: {result.errors}")


def _left(node):
    return [line for line in stack.configfs(node).splitlines() if _IQN in line or _UNIT_NAME in line]


def _start(bench, lab):
    for subject in (_TARGET, _UNIT):
        bench.act(subject, "start", 0)
    lab.second.wait_writing(60)


def _suspended(node, bench, lab):
    _start(bench, lab)
    _device(node, "suspend")
    bench.act(_UNIT, "monitor", 1, _DEVICE, "is suspended")
    bench.act(_TARGET, "monitor", 0)
    bench.act(_UNIT, "stop", 1, _UNIT_NAME, "draining lun_1", _DEVICE, "is suspended")
    # That stop still waits in the kernel, and nobody may wait with it.
    bench.act(_UNIT, "monitor", 1, _UNIT_NAME, "draining lun_1", _DEVICE)
    bench.act(_UNIT, "stop", 1, _UNIT_NAME, "draining lun_1", _DEVICE)
    bench.act(_TARGET, "monitor", 0)
    bench.act(_TARGET, "stop", 1, _IQN, "an earlier removal to end")
    _device(node, "resume")
    bench.act(_UNIT, "stop", 0)
    bench.act(_TARGET, "stop", 0)
    if left := _left(node):
        raise Failure(f"left after the device was resumed: {left}")


def _suspended_below_sessions(node, bench, lab):
    """As above, but the target is stopped first, and with all its sessions."""
    _start(bench, lab)
    _device(node, "suspend")
    bench.act(_TARGET, "stop", 1, _IQN, "closing its sessions", _DEVICE)
    bench.act(_TARGET, "monitor", 1, "closing its sessions")
    _device(node, "resume")
    bench.act(_TARGET, "stop", 0)
    bench.act(_UNIT, "stop", 0)
    if left := _left(node):
        raise Failure(f"left after the device was resumed: {left}")


def _failing(node, bench, lab):
    _start(bench, lab)
    _device(node, "fail")
    bench.act(_UNIT, "monitor", 1, _DEVICE, "answers with errors")
    bench.act(_TARGET, "monitor", 0)
    bench.act(_UNIT, "stop", 0)
    bench.act(_TARGET, "stop", 0)
    if left := _left(node):
        raise Failure(f"left of a device that answers with errors: {left}")


def _move(lab, first, second):
    """The cluster's own: its logical volume fails, and the group goes to the other node's copy.

    A start gives the volume a table that works again, unlike a disk that has died. So the first failure is made to be
    enough, as whoever does not want to try the same disk twice does.
    """
    access.on(settings.ALICE, f"crm_resource --resource {stack.GROUP} --meta --set-parameter migration-threshold "
                              "--parameter-value 1")
    mark = lab.journal.mark()
    volume = f"{settings.VOLUME_GROUP}-{settings.VOLUME}"
    access.on(first, f"size=$(blockdev --getsz /dev/mapper/{volume}) && dmsetup suspend --nolockfs --noflush {volume} && "
                     f"dmsetup load {volume} --table \"0 $size error\" && dmsetup resume {volume}")
    lab.journal.wait_for(rf"Result of start operation for {stack.ADDRESS} on {second}: (?i:ok)", 600, mark, second)
    wait_until(f"the storage to be on {second}", lambda: lab.stack.serves(second), 120, 2)
    lab.initiator.wait_writing(180)
    seen = cluster.view(settings.ALICE).failures()
    for failure in seen:
        say(f"  {failure.key} on {failure.node}: {failure.reason}")
    # Whichever of the two was asked first.
    if not any(volume in failure.reason for failure in seen):
        raise Failure(f"the cluster does not show why: {seen}")
    access.on(settings.ALICE, f"crm_resource --resource {stack.GROUP} --meta --delete-parameter migration-threshold")
    cluster.clean_up(settings.ALICE, stack.GROUP)
    lab.wait_complete()


def run(lab):
    first = lab.active()
    second = lab.other(first)
    access.push(settings.HERE / "onnode/dead_device.py", first, _PROGRAM)
    _device(first, "make")
    bench = Bench(first)
    url = f"iscsi://{first.address(settings.DATA)}:{_PORT}/{_IQN}/1"
    (lab.place / "second").mkdir()
    lab.second = Initiator(lab.program, lab.place / "second", url)
    lab.second.start(1024)
    try:
        _suspended(first, bench, lab)
        _suspended_below_sessions(first, bench, lab)
        _failing(first, bench, lab)
    finally:
        lab.second.kill()
    _device(first, "remove")
    _move(lab, first, second)
