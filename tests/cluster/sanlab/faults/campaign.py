"""Many sequences, one after the other, each on freshly restored nodes; a table of what came of them."""

import itertools
import json
import time

from .. import beginning, collect, exclusive, recipe, settings, snapshot
from ..scenario import Lab
from ..waiting import Failure, say, step
from . import sequence, stage
from .play import Outcome, Play


class _Stage(snapshot.Snapshot):
    """The cluster with the storage that faults strike."""

    def __init__(self, formed, tree, agents):
        key = recipe.key(formed.key, recipe.tree_key(tree), agents, sources=("sanlab/stack.py", "sanlab/faults/stage.py"))
        super().__init__(f"stage-{agents}", formed.suite, key, formed.image, formed.accelerator)


class Campaign:
    """Sequences on whose agents, of stage.AGENTS."""

    def __init__(self, formed, options):
        self._formed = formed
        self._options = options
        self._stack = stage.stack_of(options.agents)
        self._stage = _Stage(formed, options.tree, options.agents)

    def _restore(self):
        with exclusive.making():
            if not self._stage.ready():
                self._make_stage()
        beginning.restore(self._stage)
        return Lab(self._options, self._stack, since=self._formed.taken())

    def _make_stage(self):
        beginning.restore(self._formed, self._options.tree)
        with step("start of the storage"):
            self._stack.apply(settings.ALICE)
        with step("snapshot of both nodes"):
            self._stage.store()

    def play(self, steps, name, enough=None):
        """One sequence from the snapshot to its outcome: all of its steps, or on until so many have struck."""
        lab = self._restore()
        writers = stage.writers(self._options.agents, lab.program, lab.place)
        try:
            lab.journal.catch_up()
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.wait_writing(180)
            outcome = Play(lab, writers, self._stack.members).play(steps, enough)
            if outcome.broken:
                (lab.place / "sequence").write_text(sequence.written(outcome.steps) + "\n" + "\n".join(outcome.broken) + "\n")
                say(f"    see {collect.everything(name, lab.journal.entries(), lab.place)}")
            return outcome
        except Failure as failure:
            return Outcome(broken=[f"not played: {failure}"])
        finally:
            for writer in writers:
                writer.kill()
            lab.close()


RECORD = settings.ARTEFACTS / "faults.jsonl"

_MOST = 4  # times as many draws as faults that shall strike


def _record(options, seed, outcome):
    """One line of JSON for each sequence, for whoever counts."""
    line = {"seed": seed, "agents": options.agents, "when": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "count": options.count,
            "only": sorted(options.only or []), **vars(outcome)}
    line |= {"steps": [str(step) for step in outcome.steps], "longest": round(outcome.longest, 1),
             "seconds": round(outcome.seconds)}
    options.record.parent.mkdir(parents=True, exist_ok=True)
    with open(options.record, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def run(formed, options):
    """Plays the seeds that the options name; returns how many sequences broke something."""
    campaign = Campaign(formed, options)
    if options.replay:
        todo = [("replay", options.replay, len(options.replay))]
    else:
        todo = [(seed, itertools.islice(sequence.draws(seed, options.only), _MOST * options.count), options.count)
                for seed in options.seeds]
    failed = 0
    for seed, steps, enough in todo:
        say(f"seed {seed}")
        outcome = campaign.play(steps, f"faults-{seed}", enough)
        _record(options, seed, outcome)
        failed += bool(outcome.broken)
        for sentence in outcome.broken:
            say(f"  BROKEN {sentence}")
        say(f"{'FAILED' if outcome.broken else 'ok'} seed {seed}: {outcome.struck} of {len(outcome.steps)} faults, "
            f"{outcome.fenced} fenced, "
            f"{len(outcome.by_hand)} by hand, {outcome.blocks} blocks, longest interruption {outcome.longest:.1f} s, "
            f"{outcome.seconds:.0f} s")
        if outcome.broken and options.shrink:
            smallest = sequence.shrunk(outcome.steps, lambda fewer: bool(campaign.play(fewer, f"faults-{seed}").broken))
            say(f"  the fewest faults that break it: {sequence.written(smallest)}")
    say(f"{len(todo) - failed} passed, {failed} failed")
    return failed
