"""What units of a target cost by their number, ours beside the shell agents: a table, never a test."""

import json
import os

from . import access, beginning, settings
from .waiting import say, step

_COUNT = 100
_BY_SHELL = int(os.environ.get("SAN_BENCH_SHELL", 5))  # a hundred take half an hour


def run(saved, options):
    node = settings.ALICE
    beginning.restore(saved, options.tree)
    access.push(settings.HERE / "onnode/many_luns.py", node, "/root/many_luns.py")
    with step(f"actions on up to {_COUNT} units"):
        found = json.loads(access.on(node, f"python3 /root/many_luns.py {_COUNT} {_BY_SHELL}", timeout=7200))
    say(f"{'milliseconds':44}{'shell':>9}{'CPU':>9}{'ours':>9}{'CPU':>9}{'shell/ours':>12}")
    for action in ("start", "monitor", "stop"):
        _row(f"{action} of {found['few']}, one after the other", *(found["of few"][whose][action]
                                                                    for whose in ("heartbeat", "san")))
    for action in ("start", "monitor", "stop"):
        _row(f"{action} of {found['all']}, one after the other", None, found["of all"][action])
    for action in ("start", "monitor", "stop"):
        for count, costs in found["of one"].items():
            _row(f"{action} of number {count}, {int(count) - 1} others there", costs["heartbeat"][action],
                 costs["san"][action])


def _row(title, shell, ours):
    if shell is None:
        say(f"{title:44}{'not run':>9}{'':9}{ours[0]:9.0f}{ours[1]:9.0f}")
    else:
        say(f"{title:44}{shell[0]:9.0f}{shell[1]:9.0f}{ours[0]:9.0f}{ours[1]:9.0f}{shell[0] / ours[0]:11.1f}x")
