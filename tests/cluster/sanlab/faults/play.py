"""One sequence, played: faults strike and are mended, and what must hold at all times is judged from the record.

    no acknowledged block is lost or torn
    no part of the storage, and no promoted replica, is on two nodes at once; no split brain
    a node is fenced when a fault leaves no other way, and only because of a fault that can explain it
    when the last fault is mended, all is whole again by itself, or the cluster says what a person has to do, and that mends it
"""

import contextlib
import re
import time
from dataclasses import dataclass, field

from .. import access, cluster, drbd, exactly_one, machine, session, settings, stack
from ..waiting import Failure, say, wait_until
from . import catalogue, links

_WHOLE = 900  # seconds; a node that is fenced boots for a minute and a half
_ENDED = 20  # seconds
_ANSWERS = 300  # seconds
_NOTICED = 300  # seconds until the cluster has fenced a node that it must fence
_EXPLAINS = 420  # seconds: fencing may be asked for this long after its cause, by timeouts of what hangs
# Nothing to say while anything is still to be started.
_SERVICES = "[ -n \"$(systemctl list-jobs --no-legend)\" ] || systemctl is-active pacemaker || true"
_FENCED = re.compile(r"Operation 'reboot'.* targeting (\S+) .*: OK")


@dataclass
class Outcome:
    """What a sequence did."""

    steps: list = field(default_factory=list)  # those that were tried
    broken: list = field(default_factory=list)  # sentences; empty is good
    by_hand: list = field(default_factory=list)  # what the cluster asked a person for
    struck: int = 0  # how many of the steps; what is about a part that is elsewhere by then, strikes nothing
    fenced: int = 0  # how often
    longest: float = 0.0  # interruption, in seconds
    blocks: int = 0  # acknowledged
    seconds: float = 0.0  # all of it


class _Struck:
    """A fault at work on a node."""

    def __init__(self, fault, step, node, strike, begin, end=None):
        self.fault, self.step, self.node, self._strike, self.begin, self.end = fault, step, node, strike, begin, end
        self.is_mended = False

    def mend(self, last=False):
        """Takes it back as far as the node can be reached; the last time it has to be."""
        if self.is_mended:
            return
        try:
            if self._strike.mend_here:
                self._strike.mend_here()
            if last and self._strike.switch_on:
                machine.switch_on(self.node)
            if self._strike.mend_there:
                self._mend_there(last)
        except Failure:
            access.forget(self.node)
            if last:
                raise
            return
        self.end = self.end or session.current().guest_time()
        self.is_mended = True

    def _mend_there(self, last):
        if last:
            access.forget(self.node)
            access.wait_for(self.node, 600)
        elif not machine.is_on(self.node) or not access.connect(self.node):
            raise Failure(f"{self.node} does not answer")
        access.on(self.node, self._strike.mend_there(), timeout=60)

    def explains(self, node, moment):
        """Whether that node's fencing at that moment may be due to this."""
        if self.fault.fencing == catalogue.NEVER:
            return False
        end = (self.end or moment) + _EXPLAINS
        # Who is cut off from its peer may be the one that is left: either can be fenced.
        return self.begin - 2 <= moment <= end and (node == self.node.name or self.step.fault in ("isolate", "freeze"))


class Play:
    """A lab with its storage and its initiators, on which a sequence is played."""

    def __init__(self, lab, initiators, members):
        self._lab = lab
        self._initiators = initiators
        self._members = members
        self._struck = []
        self._whole = []  # when it was
        self._by_hand = []
        self._begin = 0.0
        self._out_since = None

    def note(self, fault, step, node, begin, end):
        """A fault that is over, as if it had been played."""
        self._struck.append(_Struck(fault, step, node, catalogue.Strike(), begin, end))

    def note_whole(self, moment):
        """All was whole, as if it had been seen."""
        self._whole.append(moment)

    def _seen(self):
        """What crm_mon shows on a node that answers, or nothing."""
        for node in settings.NODES:
            if machine.is_on(node) and access.connect(node):
                try:
                    return cluster.View(access.on(node, "crm_mon -1 --output-as=xml --inactive", timeout=60))
                except Failure:
                    access.forget(node)
        return None

    def _serving(self):
        seen = self._seen()
        active = seen.promoted(stack.REPLICA) if seen else []
        return settings.node(active[0]) if len(active) == 1 else None

    def _is_whole(self):
        seen = self._seen()
        if not seen or len(seen.online()) != 2 or not seen.has_leader():
            return False
        active = seen.promoted(stack.REPLICA)
        return (len(active) == 1 and all(seen.where(part) == active for part in self._members)
                and seen.copies(stack.REPLICA) == 2 and drbd.both_up_to_date())

    def _wait_whole(self, timeout):
        def settled():
            return "whole" if self._is_whole_and_writes() else "ended" if self._has_ended() else None
        if wait_until("the cluster to be whole", settled, timeout, 3) == "ended":
            raise Failure("no node is in the cluster, nor will be")
        self._whole.append(session.current().guest_time())

    @staticmethod
    def _is_out(node):
        """Whether a node is off, or up without the cluster's services: only its peer, or a person, can change that."""
        if not machine.is_on(node):
            return True
        try:
            return access.connect(node) and access.on(node, _SERVICES, timeout=60).strip() in ("failed", "inactive")
        except Failure:
            access.forget(node)
            return False

    def _has_ended(self):
        """Whether both nodes are out, and have been for a while: a power switch turns them off and on."""
        if not all(self._is_out(node) for node in settings.NODES):
            self._out_since = None
        elif self._out_since is None:
            self._out_since = time.monotonic()
        return self._out_since is not None and time.monotonic() - self._out_since > _ENDED

    def _is_whole_and_writes(self):
        try:
            if not self._is_whole():
                return False
            for writer in self._initiators:
                writer.wait_writing(60)
        except Failure:
            return False
        return True

    def _wait_answer(self, node):
        """Whether it does. One that has just been fenced does after a while; where nobody is left to fence, a person helps."""
        def answers():
            return machine.is_on(node) and access.connect(node)
        try:
            wait_until(f"an answer of {node}", lambda: answers() or self._has_ended(), _ANSWERS, 2)
        except Failure:
            return False
        if not answers():
            self._ask_a_person()
        return True

    def _strike(self, step):
        serving = self._serving() or settings.ALICE
        node = serving if step.who == "serving" else settings.peer(serving)
        say(f"    {time.monotonic() - self._begin:4.0f} s: {step} ({node})")
        if not self._wait_answer(node):
            say(f"    not struck: {node} does not answer")
            return
        fault, begin = catalogue.FAULTS[step.fault], session.current().guest_time()
        before = self._machines()
        try:
            struck = _Struck(fault, step, node, fault.strike(self._lab, node, step.values), begin)
        except Failure as failure:
            # The tool is not there any more on a node that is going down, or what it is about is elsewhere.
            say(f"    not struck: {failure}")
            access.forget(node)
            return
        self._struck.append(struck)
        time.sleep(step.seconds)  # how long a fault lasts, is drawn
        struck.mend()
        if step.alone:
            for each in self._struck:
                each.mend()
            if self._must_be_fenced(struck):
                # Else the cluster is whole in its own eyes, as it has noticed nothing yet.
                with contextlib.suppress(Failure):
                    wait_until("the fencing", lambda: self._are_others(before) or self._has_ended(), _NOTICED, 1)
            try:
                self._wait_whole(_WHOLE)
            except Failure:
                self._ask_a_person()

    def _ask_a_person(self):
        """What the cluster says of itself, and what somebody does about it."""
        told = [f"{node}: it has no power, and nobody is there to give it any" for node in settings.NODES if not machine.is_on(node)]
        for struck in self._struck:
            struck.mend(last=True)
        for node in settings.NODES:
            machine.switch_on(node)
            access.forget(node)
            access.wait_for(node, 600)
        for node in filter(self._is_out, settings.NODES):
            told.append(f"{node}: the cluster does not run here")
            access.on(node, "systemctl start pacemaker", timeout=180)
        cluster.wait_formed(settings.ALICE)
        seen = self._seen()
        told += [f"{failure.key} on {failure.node}: {failure.reason}" for failure in seen.failures()] if seen else []
        self._by_hand += told
        for line in told:
            say(f"    by hand: {line}")
        if not told:
            raise Failure("the cluster is not whole, and does not say why:\n" + cluster.show(settings.ALICE))
        access.on(settings.ALICE, "crm_resource --cleanup", timeout=180)
        self._wait_whole(_WHOLE)

    def play(self, steps, enough=None):
        """Goes through the steps, or on until so many have struck. Returns the outcome; never raises for what the storage did."""
        outcome = Outcome(by_hand=self._by_hand)
        self._begin = time.monotonic()
        links.begin()
        try:
            for step in steps:
                outcome.steps.append(step)
                self._strike(step)
                if len(self._struck) == enough:
                    break
            for struck in self._struck:
                struck.mend(last=True)
            try:
                self._wait_whole(_WHOLE)
            except Failure:
                self._ask_a_person()
        except Failure as failure:
            outcome.broken.append(str(failure))
        outcome.struck = len(self._struck)
        if not outcome.struck:
            outcome.broken.append("no fault has struck: this proves nothing")
        self._judge(outcome)
        outcome.seconds = time.monotonic() - self._begin
        return outcome

    def _judge(self, outcome):
        for writer in self._initiators:
            try:
                account = writer.stop()
                found = writer.verify()
            except Failure as failure:
                outcome.broken.append(str(failure))
                continue
            outcome.longest = max(outcome.longest, account["longest_interruption_ms"] / 1000)
            outcome.blocks += found["acknowledged"]
            if found["lost"] or found["torn"]:
                outcome.broken.append(f"of {found['acknowledged']} acknowledged blocks {found['lost']} are lost and "
                                      f"{found['torn']} are torn")
        entries = self._lab.journal.entries()
        losses = [*session.losses(), *self._lab.journal.boots()]
        outcome.broken += exactly_one.broken(self._members, entries, losses)
        outcome.broken += exactly_one.broken_roles(entries, losses)
        outcome.broken += [str(entry) for entry in entries if "Split-Brain detected" in entry.text]
        self.judge_fencing(entries, outcome)

    @staticmethod
    def _machines():
        """Which machines the nodes are: others when they have been off."""
        return [machine.process(node) for node in settings.NODES]

    def _are_others(self, before):
        """Whether both nodes are on, and not both the machines that they were."""
        now = self._machines()
        return None not in now and now != before

    @staticmethod
    def _must_be_fenced(struck):
        if struck.step.fault == "isolate" and struck.end and struck.end - struck.begin < 20:
            return False  # shorter than it takes to be sure that the peer is gone
        return struck.fault.fencing == catalogue.MUST

    def _struck_too(self, struck):
        """Whether the peer may be in no state to fence: struck as well, with nothing whole between."""
        return any(other.node != struck.node and other.fault.fencing != catalogue.NEVER
                   and not any(min(other.begin, struck.begin) < moment < max(other.begin, struck.begin) for moment in self._whole)
                   for other in self._struck)

    def judge_fencing(self, entries, outcome):
        told = {}
        for entry in entries:
            if found := _FENCED.search(entry.text):
                # Each node logs it.
                if entry.time - told.get(found[1], -1000) > 20:
                    outcome.fenced += 1
                    if not any(struck.explains(found[1], entry.time) for struck in self._struck):
                        outcome.broken.append(f"{found[1]} was fenced, and no fault explains it: {entry}")
                told[found[1]] = entry.time
        for struck in self._struck:
            if not self._must_be_fenced(struck) or struck.step.fault == "reset" or self._struck_too(struck):
                continue
            names = {node.name for node in settings.NODES} if struck.step.fault == "isolate" else {struck.node.name}
            if not any((found := _FENCED.search(entry.text)) and found[1] in names and entry.time >= struck.begin
                       for entry in entries):
                outcome.broken.append(f"{struck.node} was not fenced after {struck.step}")
