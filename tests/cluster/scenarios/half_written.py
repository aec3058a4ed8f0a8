# Needs the initiator and RAM disks. Proves that a stop ends in time although an initiator has begun a write that it never
# finishes, as when its service address has moved away: the kernel would wait for the rest longer than a stop may take.

import subprocess
import time

from sanlab import agent, ram_target, settings
from sanlab.waiting import Failure, say

STACK = False

_TARGET = ("iSCSITarget", {"iqn": settings.IQN, "portals": ram_target.PORTAL})
_UNIT = ("iSCSILogicalUnit", {"target_iqn": settings.IQN, "lun": "1", "path": "/dev/ram0"})


def run(lab):
    node = ram_target.NODE
    ram_target.load_disks()
    agent.start(node, _TARGET, _UNIT)
    stalled = subprocess.Popen([lab.program, "stall", "--url", ram_target.url(1)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)
    try:
        if "stalled" not in (stalled.stdout.readline() or ""):
            raise Failure("the initiator has not sent half a write")
        begin = time.monotonic()
        result = agent.call(node, _UNIT[0], "stop", _UNIT[1], timeout=30000)
        took = time.monotonic() - begin
        say(f"  stop: exit {result.code} in {took:.1f} s: {result.errors}")
        if result.code != 0 or took > 20:
            raise Failure(f"stop of a unit with half a write: exit {result.code} after {took:.0f} s: {result.errors}")
        if "does not end" not in result.errors:
            raise Failure("nothing had to be done about the half write: it was none")
        agent.must(node, _UNIT[0], "monitor", _UNIT[1], code=7)
        agent.must(node, _TARGET[0], "stop", _TARGET[1])
    finally:
        stalled.kill()
        stalled.wait()
