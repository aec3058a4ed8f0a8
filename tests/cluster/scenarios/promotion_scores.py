# Needs no stack. Proves that drbd-attr keeps DRBD's promotion score as an attribute of the node by the kernel's events: a peer
# that goes, the resource that goes and comes, and the listener that is killed.

import time

from sanlab import access, agent, drbd, settings
from sanlab.waiting import Failure, say, wait_until

STACK = False

_NODE = settings.ALICE
_NAME = f"drbd-promotion-score-{settings.DRBD_RESOURCE}"
_AGENT = ("drbd-attr", {"dampening_delay": "0"})


def _score():
    found = access.on(_NODE, f"attrd_updater --query --name {_NAME} --node {_NODE} 2>/dev/null || true")
    return found.rpartition('value="')[2].rstrip('"\n ') if 'value="' in found else ""


def _after(what, node, command, score):
    access.on(node, command)
    begin = time.monotonic()
    wait_until(f"the score {score!r}, {what}", lambda: _score() == score, 30, 0.2)
    say(f"  {what}: {score} after {time.monotonic() - begin:.1f} s")


def run(_):
    name = settings.DRBD_RESOURCE
    for node in settings.NODES:
        agent.must(node, agent.DRBD[0], "start", agent.DRBD[1])
    drbd.wait_up_to_date()
    agent.must(_NODE, _AGENT[0], "monitor", _AGENT[1], code=7)
    agent.must(_NODE, _AGENT[0], "start", _AGENT[1])
    # All disks, one of them UpToDate, two copies.
    _after("started", _NODE, "true", "10102")
    _after("the peer is gone", settings.BOB, f"drbdadm down {name}", "10101")
    _after("the peer is back", settings.BOB, f"drbdadm up {name}", "10102")
    _after("down here", _NODE, f"drbdadm down {name}", "-1000000")
    _after("up again", _NODE, f"drbdadm up {name}", "10102")
    agent.must(_NODE, _AGENT[0], "monitor", _AGENT[1])

    access.on(_NODE, f"pkill --signal KILL --full '[s]an/{_AGENT[0]}'")
    result = agent.must(_NODE, _AGENT[0], "monitor", _AGENT[1], code=1)
    say(f"  killed: {result.reason}")
    agent.must(_NODE, _AGENT[0], "start", _AGENT[1])
    agent.must(_NODE, _AGENT[0], "monitor", _AGENT[1])
    agent.must(_NODE, _AGENT[0], "stop", _AGENT[1])
    if left := _score():
        raise Failure(f"stop has left the score {left}")
    agent.must(_NODE, _AGENT[0], "monitor", _AGENT[1], code=7)
