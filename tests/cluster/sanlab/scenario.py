"""Running scenarios: the same beginning and the same judgement for all of them.

A scenario is a file in scenarios/ with a function run(lab). Before it, both nodes come from the snapshot, the stack is
up and an initiator writes. After it, whatever it did, the same things must hold: see Lab.judge. STACK names another
stack; one that says STACK = False gets the two nodes with an empty cluster instead, and judges for itself. One that
says LONG = True is run only when it is asked for by its name. One that says INSTALLED = False gets nodes that have
nothing of ours. What takes long and needs no lab, or the host's network, is in a function prepare(suite), which is called first.
"""

import contextlib
import importlib
import re
import time

from . import access, beginning, cluster, collect, drbd, exactly_one, exclusive, initiator, machine, session, settings, snapshot, stack
from .journal import Journal
from .waiting import Failure, say, step, wait_until

# What a node's executor is asked to do beside monitoring, and failures, which attrd counts.
_DISTURBANCE = re.compile(r"Requesting local execution of (start|stop|promote|demote) operation for|"
                          r"Setting fail-count-.* -> (?!\(unset\))")


def names():
    """Of all scenarios."""
    return sorted(path.stem.replace("_", "-") for path in (settings.HERE / "scenarios").glob("*.py"))


def usual():
    """Names of those that are run when nobody asks for certain ones: not those that say LONG = True."""
    return [name for name in names() if not getattr(_module(name), "LONG", False)]


def _module(name):
    return importlib.import_module(f"scenarios.{name.replace('-', '_')}")


class Lab:
    """One running lab with storage and initiator, as a scenario sees it."""

    def __init__(self, options, served=None, since=None):
        self._options = options
        self._since = since  # when the stack began to be started, if it serves already
        self.stack = served or stack.of(options.agents)
        self.place = settings.RUNTIME / "scenario"  # what is kept if the scenario fails
        self.place.mkdir()
        self.journal = Journal(since)
        self.program = options.initiator
        self.initiator = initiator.Initiator(self.program, self.place)
        self._mark = 0  # the place in the journal where the latest thing was done to the cluster
        self._processes = {node: machine.process(node) for node in settings.NODES}

    def close(self):
        self.initiator.kill()
        self.journal.close()

    def begin(self):
        """The stack on two nodes, and an initiator that gets its writes acknowledged."""
        if self._since is None:
            with step("start of the storage"):
                self.stack.apply(settings.ALICE)
        else:
            self.journal.catch_up()
        self.initiator.start()
        self.initiator.wait_writing(180)

    @staticmethod
    def active():
        """The node that serves the storage."""
        return stack.active(settings.ALICE)

    @staticmethod
    def other(node):
        return settings.peer(node)

    def standby(self, node, on):
        self._mark = self.journal.mark()
        cluster.standby(node, node, on)

    def move(self, node):
        """Moves the storage by hand; forget_move takes back the constraint that this leaves."""
        self._mark = self.journal.mark()
        cluster.move(settings.ALICE, stack.GROUP, node)

    @staticmethod
    def forget_move():
        cluster.forget_move(settings.ALICE, stack.GROUP)

    @property
    def build(self):
        """The build folder that the contract tests come from."""
        if not self._options.build:
            raise Failure("this scenario needs --build")
        return self._options.build

    @property
    def suite(self):
        """The code name of the nodes' Debian release."""
        return self._options.suite

    @property
    def agents(self):
        """Whose agents run the storage: "san" or "shell"."""
        return self._options.agents

    @property
    def provider(self):
        """The provider of the target's agents."""
        return "san" if self._options.agents == "san" else "heartbeat"

    @contextlib.contextmanager
    def undisturbed(self):
        """What is done inside moves and restarts nothing, fails nothing, and no initiator loses its connection."""
        self.journal.catch_up()
        active, connection, mark = self.active(), initiator.connections(), self.journal.mark()
        if not connection:
            raise Failure("the initiator has no connection that could be lost")
        yield
        self.initiator.wait_writing(30)
        self.journal.catch_up()
        if initiator.connections() != connection or self.active() != active:
            raise Failure(f"the initiator's connections are {initiator.connections()} instead of {connection}")
        if done := [str(entry) for entry in self.journal.entries(mark) if _DISTURBANCE.search(entry.text)]:
            raise Failure(f"the cluster acted, or something failed: {done}")
        self.wait_complete()

    def wait_complete(self):
        """Waits until both nodes have all that they can have, and each could take over from the other."""
        self.stack.wait_complete(settings.ALICE)
        # A node that is back is the target of a resync first. Standby of its source leaves it Inconsistent: nobody serves.
        drbd.wait_up_to_date()

    def wait_moved(self, node):
        """Waits until the storage is complete on this node and the initiator writes again."""
        # First the event, then the look: crm_mon is slow on an emulated node, and would slow down the move.
        self.wait_for_log(rf"Result of start operation for {self.stack.last} on {node}: (?i:ok)", node)
        wait_until(f"the storage to be on {node}", lambda: self.stack.serves(node), 120, 2)
        self.initiator.wait_writing(180)

    def wait_for_log(self, pattern, node=None):
        """Waits for what a node, or either, logs after the latest move, standby or loss of power."""
        return self.journal.wait_for(pattern, 600, self._mark, node)

    def strike(self, node, command):
        """Does something to a node that the cluster has to mend."""
        self._mark = self.journal.mark()
        access.on(node, command)

    def cut_power(self, node):
        """What happens to a server whose cable is pulled."""
        self._mark = self.journal.mark()
        machine.cut_power(node)
        access.forget(node)

    def wait_fenced(self, node):
        """Waits until the other node knows that this one is down, from its power switch and not by guessing."""
        self.wait_for_log(rf"Operation 'reboot'.* targeting {node} .*: OK", settings.peer(node))

    def wait_rejoined(self, node):
        """Waits until a node that had lost its power is a member again, with its side of the storage."""
        access.wait_for(node, 600)
        self._processes[node] = machine.process(node)
        cluster.wait_formed(settings.peer(node), 600)
        self.stack.wait_complete(settings.peer(node))
        drbd.wait_up_to_date()

    def judge(self):
        """What must hold after every scenario. Returns the initiator's account of the writing."""
        self.initiator.wait_writing(180)
        self.wait_complete()
        written = self.initiator.stop()
        say(f"  longest interruption: {written['longest_interruption_ms'] / 1000:.1f} s, "
            f"{written['written']} blocks written")
        found = self.initiator.verify()
        if found["lost"] or found["torn"] or not found["acknowledged"]:
            raise Failure(f"of {found['acknowledged']} acknowledged blocks {found['lost']} are lost "
                          f"and {found['torn']} are torn")
        # A scenario that provokes a failure cleans it up; what is shown now was not provoked.
        for failure in cluster.view(settings.ALICE).failures():
            raise Failure(f"{failure.key} failed on {failure.node}: {failure.code}: {failure.reason}")
        for node in settings.NODES:
            if machine.process(node) != self._processes[node]:
                raise Failure(f"{node} was fenced, which this scenario did not provoke")
        if broken := exactly_one.broken(self.stack.members, self.journal.entries(), session.losses()):
            raise Failure("; ".join(broken))
        return written


class Beginnings:
    """Where scenarios start: an empty cluster, or one whose stack serves. The latter is worth storing for several."""

    def __init__(self, formed, options, several):
        self._formed = formed
        self._options = options
        self._serving = snapshot.Serving(formed, options.tree, options.agents) if options.tree else None
        self._several = several

    def restore(self, wanted, installed):
        """Both nodes for a scenario that wants a stack of its own, none (False) or the usual one (None)."""
        if wanted is None and self._serving and (self._several or self._serving.ready()):
            with exclusive.making():
                if not self._serving.ready():
                    self._make_serving()
            beginning.restore(self._serving)
            return Lab(self._options, since=self._formed.taken())
        beginning.restore(self._formed, self._options.tree if installed else None)
        return Lab(self._options, wanted)

    def _make_serving(self):
        beginning.restore(self._formed, self._options.tree)
        with step("start of the storage"):
            stack.of(self._options.agents).apply(settings.ALICE)
        with step("snapshot of both nodes"):
            self._serving.store()


def _run(beginnings, name):
    """One scenario from the snapshot to the judgement: whether it passed."""
    lab = None
    begin = time.monotonic()
    try:
        scenario = _module(name)
        wanted = getattr(scenario, "STACK", None)
        lab = beginnings.restore(wanted, getattr(scenario, "INSTALLED", True))
        if wanted is not False:
            lab.begin()
        scenario.run(lab)
        if wanted is not False:
            lab.judge()
    except Failure as failure:
        entries = lab.journal.entries() if lab else []
        place = collect.everything(name, entries, settings.RUNTIME / "scenario")
        say(f"FAILED {name} {failure} (see {place})")
        return False
    finally:
        if lab:
            lab.close()
    say(f"ok {name} {time.monotonic() - begin:.0f} s")
    return True


def _chosen(options):
    chosen = options.scenarios or (names() if options.long else usual())
    for name in set(chosen) - set(names()):
        raise Failure(f"no scenario '{name}': there are {', '.join(names())}")
    return chosen


def prepare(options):
    """What the scenarios that will be run need before there is a lab."""
    for name in _chosen(options):
        if needs := getattr(_module(name), "prepare", None):
            needs(options.suite)


def run_all(saved, options):
    """Runs the scenarios that the options name, or the usual ones; returns how many failed."""
    chosen = _chosen(options)
    beginnings = Beginnings(saved, options, len(chosen) > 1)
    passed = sum(_run(beginnings, name) for name in chosen)
    say(f"{passed} passed, {len(chosen) - passed} failed")
    return len(chosen) - passed
