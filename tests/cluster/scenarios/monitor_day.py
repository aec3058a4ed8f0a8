# SPDX-License-Identifier: GPL-2.0-or-later
# Needs half an hour or more. Proves that a day of monitors, on the kernel's DRBD, LVM, LIO, addresses and rules, leaves behind
# no file, no object and no memory. SAN_MONITORS is another number of them, and SAN_MONITORED the only agent to look at. The
# agents on tgt have theirs in tests/namespace.

import json
import os

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False
LONG = True

_DAY = 8640  # one every ten seconds
_SLACK_KIB = 2048  # slabs are counted by pages, on each processor; a byte for each monitor is 8


def resource(name, parameters):
    return [f"{agent.FOLDER}/{name}", agent.variables(name, parameters, interval=10000), 8 if name == "drbd" else 0]


def run(_):
    node, count = settings.ALICE, int(os.environ.get("SAN_MONITORS", _DAY))
    agent.start(node, *agent.STACK)
    access.push(settings.HERE / "onnode/many_monitors.py", node, "/root/many_monitors.py")
    only = os.environ.get("SAN_MONITORED")
    every = (*agent.STACK, agent.ACTIVATION)
    wanted = [resource(*part) for part in every if only in (None, part[0])]
    if not wanted:
        raise Failure(f"SAN_MONITORED={only!r}: expected one of {', '.join(name for name, _ in every)}")
    found = access.on(node, f"python3 /root/many_monitors.py {count}", stdin=json.dumps(wanted), timeout=4 * 3600)
    broken = []
    for line in map(json.loads, found.splitlines()):
        name = line["program"].rpartition("/")[2]
        say(f"  {name}: {count} monitors in {line['seconds']:.0f} s, {len(line['left'])} things left, "
            f"{line['kib']} KiB more in the kernel")
        broken += [f"{name}: {left}" for left in line["left"]]
        if line["kib"] > _SLACK_KIB:
            broken.append(f"{name}: {line['kib']} KiB are left in the kernel")
    if broken:
        raise Failure("\n".join(broken))
