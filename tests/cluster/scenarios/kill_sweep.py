# Needs python3 and the RAM disk of brd on the nodes. Proves that iSCSITarget and iSCSILogicalUnit may be killed at any system
# call that changes something, with SAN_SWEEP=all at any at all, of start and of stop, in the agent and in the child that
# does its work in configfs: the child dies with the agent, stop succeeds and leaves nothing of ours in the kernel's
# target, and the next start makes all of it again. The target's sweep runs on one node, the unit's on the other.
#
# Not killed in the middle of a call: who dies while the kernel (6.1, iscsit_add_np) makes a portal, waiting for its thread
# to start, leaves a listening socket that nobody owns. That start ends it is proved by the scenario portals.

import os
from concurrent.futures import ThreadPoolExecutor

from sanlab import access, settings
from sanlab.waiting import Failure, say

STACK = False
LONG = True

_PROGRAM = "/root/kill_sweep.py"
_SECONDS = {"changing": 1200, "all": 7200}


def sweep(node, agent, calls):
    access.push(settings.HERE / "onnode/kill_sweep.py", node, _PROGRAM)
    output = access.on(node, f"python3 {_PROGRAM} {agent} {calls} 2>&1; echo \"code $?\"", timeout=_SECONDS[calls])
    *lines, code = output.splitlines()
    return lines, code


def sweep_both(*agents):
    """One agent on each node."""
    calls = os.environ.get("SAN_SWEEP", "changing")
    if calls not in _SECONDS:
        raise Failure(f'SAN_SWEEP="{calls}": expected {" or ".join(_SECONDS)}')
    with ThreadPoolExecutor() as both:
        found = list(both.map(sweep, settings.NODES, agents, (calls, calls)))
    for lines, _ in found:
        say("\n".join(f"  {line}" for line in lines))
    for lines, code in found:
        if code != "code 0":
            raise Failure(f"kill sweep: {lines[-1]}")


def run(_):
    sweep_both("iSCSITarget", "iSCSILogicalUnit")
