"""What a monitor of a volume group costs, ours beside the shell agents' and a program that does nothing: a table, never a
test."""

import json

from . import access, beginning, settings, volumes
from .waiting import Failure, say, step

_COUNTS = (1, 50, 200)
_REPEAT = 15


def run(saved, options):
    if not options.build:
        raise Failure("this bench needs --build, for the program that does nothing")
    node = settings.ALICE
    beginning.restore(saved, options.tree)
    volumes.configure(node, "/dev/ram")
    volumes.load_disks(node, 1)
    access.push(settings.HERE / "onnode/volume_monitors.py", node, "/root/volume_monitors.py")
    access.push(options.build / "tests/bench/bench_empty_LVM", node, "/root/empty")
    with step(f"monitors of up to {_COUNTS[-1]} volumes"):
        found = json.loads(access.on(node, f"python3 /root/volume_monitors.py /root/empty {_REPEAT} "
                                           f"{' '.join(map(str, _COUNTS))}", timeout=3600))
    say(f"{'milliseconds':46}{'wall':>9}{'CPU':>9}{'programs':>10}{'to ours':>10}{'to empty':>10}")
    for count, costs in found.items():
        for name in ("empty", "ours", "LVM", "LVM-activate"):
            wall, used = costs[name]
            say(f"{f'monitor of {count} volumes, {name}':46}{wall:9.1f}{used:9.1f}{costs['programs'][name]:>10}"
                f"{wall / costs['ours'][0]:9.2f}x{wall / costs['empty'][0]:9.2f}x")
