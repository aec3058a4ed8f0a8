# Needs no stack. Proves that a volume group on DRBD is never active on both nodes: it moves back and forth while a
# program writes, which lets go of it only after stop has begun. Programs on both nodes look every 50 ms what is active; every
# block that was on the disk before a move is there after it, and the owner in LVM's metadata follows. SAN_MOVES=20 for that
# many moves; without it four.

import os
import subprocess
import time

from sanlab import access, agent, drbd, settings, volumes
from sanlab.waiting import Failure, say

STACK = False
LONG = True

_GROUP, _VOLUME = settings.VOLUME_GROUP, settings.VOLUME
_PARAMETERS = {"vgname": _GROUP, "vg_access_mode": "system_id"}
_AGENT = "LVM-activate"


class Program:
    """A program on a node that goes on beside the scenario."""

    def __init__(self, node, file, *words):
        access.push(settings.HERE / "onnode" / file, node, f"/root/{file}")
        line = f"exec python3 /root/{file} {' '.join(map(str, words))}"
        self._process = subprocess.Popen([*access.arguments(node), line], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True)

    def line(self):
        return self._process.stdout.readline().strip()

    def end(self):
        """Its remaining lines, after its input has ended."""
        return self._process.communicate(timeout=60)[0].splitlines()


def _times(lines):
    """When a volume was there, from first to last sight; and the longest time that nobody looked."""
    found, begin, gap = [], None, 0.0
    for line in lines:
        moment, what, *more = line.split()
        if what == "1":
            begin = float(moment)
        elif begin is not None:
            found.append((begin, float(moment)))
            begin = None
        if what == "gap":
            gap = float(more[0])
    return found, gap


def _judge(watches, moves):
    times, gaps = zip(*(_times(watch.end()) for watch in watches))
    say(f"  seen {' and '.join(str(len(one)) for one in times)} times, longest time between two looks "
        f"{max(gaps) * 1000:.0f} ms")
    if sum(map(len, times)) < moves + 1:
        raise Failure(f"it was seen only at {times}")
    for first in times[0]:
        for second in times[1]:
            if first[0] < second[1] and second[0] < first[1]:
                raise Failure(f"active on both nodes: {first} on alice, {second} on bob")


def _take(node):
    agent.must(node, "drbd", "promote", agent.DRBD[1])
    agent.must(node, _AGENT, "start", _PARAMETERS)
    owner = access.on(node, f"vgs --noheadings -o systemid {_GROUP}").strip()
    if owner != node.name:
        raise Failure(f"on {node} the group belongs to {owner!r}")


def _give(node):
    # The writer is told while stop already waits for it.
    access.on(node, "(while ! pgrep -f 'LVM-activat[e] stop' >/dev/null; do :; done; pkill -TERM -f [w]rite_volume.py) "
                    ">/dev/null 2>&1 &")
    agent.must(node, _AGENT, "stop", _PARAMETERS)
    agent.must(node, _AGENT, "monitor", _PARAMETERS, code=7)
    agent.must(node, "drbd", "demote", agent.DRBD[1])


def run(_):
    wanted = os.environ.get("SAN_MOVES", "4")
    if not wanted.isdecimal() or not int(wanted):
        raise Failure(f'SAN_MOVES="{wanted}": expected a number from 1 on')
    moves = int(wanted)
    for node in settings.NODES:
        volumes.configure(node, "/dev/drbd")
        agent.must(node, "drbd", "start", agent.DRBD[1])
    drbd.wait_up_to_date()
    watches = [Program(node, "watch_volume.py", f"{_GROUP}-{_VOLUME}") for node in settings.NODES]
    number, here = 0, settings.ALICE
    agent.must(here, "drbd", "promote", agent.DRBD[1])
    access.on(here, f"vgchange --quiet --yes --systemid {here} {_GROUP}")
    _take(here)
    begin = time.monotonic()
    for _ in range(moves):
        writer = Program(here, "write_volume.py", f"/dev/{_GROUP}/{_VOLUME}", number)
        if (said := writer.line()) != "open":
            raise Failure(f"after {number} blocks on {here}: {said}")
        _give(here)
        written = int(writer.line())
        if written <= number:
            raise Failure(f"nothing was written on {here}")
        number, here = written, settings.peer(here)
        _take(here)
    say(f"  {moves} moves, {(time.monotonic() - begin) / moves:.1f} s each, {number} blocks written")
    agent.must(here, _AGENT, "stop", _PARAMETERS)
    _judge(watches, moves)
