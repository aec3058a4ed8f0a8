"""How long an initiator waits for storage that moves, ours beside the shell agents, and for what: a table and a picture.

One move that is asked for, and one loss of power, for each; the parts are read from the nodes' journals.
"""

import itertools
import re
import time
from dataclasses import dataclass

from . import access, beginning, drawing, session, settings, stack
from .scenario import Lab
from .waiting import Failure, run as run_here, say, step

_EMPTY = "/root/empty"
_PROGRAMS = 200


@dataclass(frozen=True)
class Part:
    """What the initiator waited for, and how long."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Wait:
    """One interruption of the writing."""

    whose: str
    event: str
    seconds: float  # longest gap between two acknowledgements, as the initiator measured it
    parts: tuple


def _moment(lab, pattern, since, node=None):
    """When that was logged first since a mark."""
    for entry in lab.journal.entries(since):
        if re.search(pattern, entry.text) and (node is None or entry.node == node.name):
            return entry.time
    return None


def _parts(lab, begin, mark, heir, milestones):
    """From milestone to milestone: name of the part that ends there, pattern, and on which node."""
    parts, latest = [], begin
    for name, pattern, node in milestones:
        moment = _moment(lab, pattern, mark, node)
        if moment is None:
            raise Failure(f"the journals do not say when the end of '{name}' was")
        parts.append(Part(name, max(0.0, moment - latest)))
        latest = max(latest, moment)
    parts.append(Part("login and first write", max(0.0, lab.first_write(latest) - latest)))
    return tuple(parts)


class _Bench(Lab):
    """A lab whose initiator's acknowledgements have the session's time."""

    def begin(self):
        self.journal.catch_up()
        self._started = session.current().guest_time()
        self.initiator.start(65536 // 16)
        self.initiator.wait_writing(180)

    def acknowledged(self):
        """When each write was acknowledged."""
        text = self.initiator.log.read_text(errors="replace")
        return [self._started + int(found) / 1000 for found in re.findall(r"^ack \d+ .*?(\d+)$", text, re.MULTILINE)]

    def first_write(self, since):
        return next((moment for moment in self.acknowledged() if moment >= since), since)

    def longest(self, since):
        """The longest gap between two acknowledgements, the first of them at most a second before that moment."""
        moments = [moment for moment in self.acknowledged() if moment >= since - 1]
        return max((after - before for before, after in itertools.pairwise(moments)), default=0.0)


def _promoted_and_started(lab, heir):
    return ((("promotion", rf"Result of promote operation for {stack.REPLICA} on {heir}: (?i:ok)", heir)),
            (("start", rf"Result of start operation for {lab.stack.last} on {heir}: (?i:ok)", heir)))


def _move(lab, whose):
    first = lab.active()
    heir = lab.other(first)
    mark, begin = lab.journal.mark(), session.current().guest_time()
    lab.standby(first, True)
    lab.wait_moved(heir)
    parts = _parts(lab, begin, mark, heir, (
        ("stop", rf"Result of demote operation for {stack.REPLICA} on {first}: (?i:ok)", first),
        *_promoted_and_started(lab, heir)))
    found = Wait(whose, "move", lab.longest(begin), parts)
    lab.standby(first, False)
    lab.wait_complete()
    return found


def _loss(lab, whose):
    first = lab.active()
    heir = lab.other(first)
    mark, begin = lab.journal.mark(), session.current().guest_time()
    lab.cut_power(first)
    lab.wait_fenced(first)
    lab.wait_moved(heir)
    parts = _parts(lab, begin, mark, heir, (
        ("detection", r"Requesting fencing", heir),
        ("fencing", rf"Operation 'reboot'.* targeting {first} .*: OK", heir),
        *_promoted_and_started(lab, heir)))
    found = Wait(whose, "power loss", lab.longest(begin), parts)
    lab.wait_rejoined(first)
    return found


def _measured(saved, options, whose):
    usual = stack.of(whose)
    beginning.restore(saved, options.tree)
    with step(f"start of the storage ({whose})"):
        usual.apply(settings.ALICE)
    lab = _Bench(options, usual, since=saved.taken())
    try:
        lab.begin()
        with step(f"move ({whose})"):
            moved = _move(lab, whose)
        with step(f"power loss ({whose})"):
            lost = _loss(lab, whose)
        slowness = _slowness(options, lab.active()) if whose == "san" else None
        lab.judge()
        return [moved, lost], slowness
    finally:
        lab.close()


def _slowness(options, node):
    """How much longer an empty program takes on a node than here."""
    program = options.build / "tests/bench/bench_empty_drbd"
    access.push(program, node, _EMPTY)
    loop = f"for _ in $(seq {_PROGRAMS}); do %s; done"
    begin = time.monotonic()
    run_here("bash", "-c", loop % program)
    here = time.monotonic() - begin
    begin = time.monotonic()
    access.on(node, loop % _EMPTY)
    return (time.monotonic() - begin) / here


def _row(wait, ours=None):
    parts = ", ".join(f"{part.name} {part.seconds:.1f}" for part in wait.parts)
    ratio = f"{wait.seconds / ours.seconds:.1f}x" if ours else ""
    say(f"{wait.event:12}{wait.whose:8}{wait.seconds:8.1f} s {ratio:>7}   {parts}")


def run(saved, options):
    if not options.build:
        raise Failure("this bench needs --build, for the initiator")
    options.initiator = options.build / "tests/initiator/san-initiator"
    options.agents = "san"
    waits = {}
    slowness = None
    for whose in ("shell", "san"):
        found, slow = _measured(saved, options, whose)
        slowness = slow or slowness
        waits |= {(wait.event, whose): wait for wait in found}
    say("longest interruption of a writing initiator, and what it waited for, in seconds")
    for event in ("move", "power loss"):
        _row(waits[event, "shell"], waits[event, "san"])
        _row(waits[event, "san"])
    lost = waits["power loss", "san"]
    seen = sum(part.seconds for part in lost.parts if part.name in ("detection", "fencing"))
    say(f"an empty program takes {slowness:.0f} times as long on a node: after the power loss, detection and fencing "
        f"{seen:.1f} s, and 2 s so scaled {2 * slowness:.0f} s; the initiator waited {lost.seconds:.1f} s")
    picture = settings.ARTEFACTS / "interruption.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(drawing.waits([waits[event, whose] for event in ("move", "power loss") for whose in ("shell", "san")]))
    say(f"drawn in {picture}")
