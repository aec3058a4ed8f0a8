"""What a monitor of a replica costs, ours beside the stock agent's: a table, never a test."""

import json

from . import access, agent, beginning, drbd, settings
from .waiting import say, step

_COUNT = 50
_REPEAT = 10


def run(saved, options):
    node = settings.ALICE
    beginning.restore(saved, options.tree)
    access.push(settings.HERE / "onnode/replica_monitors.py", node, "/root/replica_monitors.py")
    for host in settings.NODES:
        agent.must(host, agent.DRBD[0], "start", agent.DRBD[1])
    drbd.wait_up_to_date()
    with step(f"monitors beside up to {_COUNT} resources"):
        found = json.loads(access.on(node, f"python3 /root/replica_monitors.py {settings.DRBD_RESOURCE} {_COUNT} {_REPEAT}",
                                     timeout=3600))
    say(f"{'milliseconds':54}{'wall':>9}{'CPU':>9}{'programs':>10}{'stock/ours':>12}")
    for count, costs in found.items():
        for whose in ("stock", "ours", "ours, telling the score"):
            wall, used = costs[whose]
            programs = costs["programs"].get(whose, "")
            ratio = f"{costs['stock'][0] / wall:11.1f}x" if whose != "stock" else ""
            say(f"{f'monitor with {count} resources, {whose}':54}{wall:9.1f}{used:9.1f}{programs:>10}{ratio}")
