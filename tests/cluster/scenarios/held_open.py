# Needs no stack. Proves what a demotion does while somebody has the device open: it fails within its timeout and names the
# program, the volume group and the mount; and when the program lets go, it ends at once, not at the next round.

import json
import shlex

from sanlab import access, agent, drbd, settings
from sanlab.waiting import Failure, say

STACK = False

_DEVICE = "/dev/drbd0"
_PROGRAM = "/root/held_open.py"
_HELD = 5  # seconds
# Opens the device, tells the process that keeps it open, and returns.
_HOLDER = """
import os, signal, sys
kept = open(sys.argv[1], "rb")
if child := os.fork():
    print(child)
    sys.exit()
os.closerange(0, 3)
signal.pause()
"""


def _held(node, command):
    return json.loads(access.on(node, f"python3 {_PROGRAM} {_DEVICE} {shlex.quote(command)} {_HELD}"))


def _must_name(node, *words):
    name, parameters = agent.DRBD
    result = agent.call(node, name, "demote", parameters, timeout=4000)
    say(f"  {result.reason}")
    if result.code != 1:
        raise Failure(f"demote of a device in use: exit {result.code}: {result.errors}")
    if missing := [word for word in words if word not in result.reason]:
        raise Failure(f"nothing of {', '.join(missing)} in {result.reason!r}")


def run(_):
    node = settings.ALICE
    name, parameters = agent.DRBD
    access.push(settings.HERE / "onnode/held_open.py", node, _PROGRAM)
    for host in settings.NODES:
        agent.must(host, name, "start", parameters)
    drbd.wait_up_to_date()
    agent.must(node, name, "promote", parameters)

    place = access.on(node, f"python3 -c '{_HOLDER}' {_DEVICE}").strip()
    _must_name(node, "python3", place)
    access.on(node, f"kill {place}")

    ours = _held(node, agent.command(name, "demote", parameters, timeout=60000))
    if ours["code"] != 0:
        raise Failure(f"demote after the release: exit {ours['code']}: {ours['errors']}")
    say(f"  held for {ours['seconds']:.0f} s: refused {ours['refused']} times; released: demoted after {ours['demote_ms']:.0f} ms")
    agent.must(node, name, "promote", parameters)
    stock = _held(node, agent.command(name, "demote", parameters, timeout=60000, folder=agent.STOCK, **agent.CLONE))
    say(f"  the stock agent: refused {stock['refused']} times; released: {stock['demote_ms']:.0f} ms, exit {stock['code']}")

    if stock["code"] == 0:
        agent.must(node, name, "promote", parameters)
    access.on(node, f"vgchange --quiet --activate y {settings.VOLUME_GROUP}")
    _must_name(node, f"{settings.VOLUME_GROUP}-{settings.VOLUME}")
    access.on(node, f"vgchange --quiet --activate n {settings.VOLUME_GROUP}")
    agent.must(node, name, "demote", parameters)
