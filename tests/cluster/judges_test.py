#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab judges by, on records that are made up: a judge that finds nothing is no judge."""

import json
import sys
import unittest
from types import SimpleNamespace
from unittest import mock

sys.dont_write_bytecode = True

from sanlab import exactly_one, fio, settings
from sanlab.faults import catalogue, sequence, table
from sanlab.faults.play import Outcome, Play
from sanlab.journal import Boot, Entry
from sanlab.session import Loss


def asked(moment, action, part, node):
    return Entry(moment, node, "pacemaker-controld", f"Requesting local execution of {action} operation for {part} on {node}")


def done(moment, action, part, node, result="ok"):
    return Entry(moment, node, "pacemaker-controld", f"Result of {action} operation for {part} on {node}: {result}")


def role(moment, node, before, after, who="role"):
    return Entry(moment, node, "kernel", f"block drbd0: {who}( {before} -> {after} ) ")


def fenced(moment, node, by):
    return Entry(moment, by, "pacemaker-fenced", f"Operation 'reboot' [12] targeting {node} by {by} for pacemaker-controld.1@{by}: OK")


def played(agents, seed, broken=(), longest=1.0):
    return json.dumps({"seed": seed, "agents": agents, "count": 5, "only": [], "steps": ["power of other, 2 s"],
                       "struck": 1, "fenced": 1, "by_hand": [], "blocks": 100, "longest": longest, "broken": list(broken)})


class Table(unittest.TestCase):
    def test_a_row_for_whose_agents_and_what_both_played(self):
        shown = table.lines("\n".join((played("san", 1), played("san", 2, longest=3), played("shell", 1, ["lost"], 50))))
        self.assertEqual([line.split() for line in shown[1:3]],
                         [["san", "2", "2", "2", "0", "200", "3.0", "2.0", "0"], ["shell", "1", "1", "1", "0", "100", "50.0", "50.0", "1"]])
        self.assertEqual([line.split()[1] for line in shown[-2:]], ["1", "1"])

    def test_sequences_that_were_replayed_are_not_the_same(self):
        shown = table.lines("\n".join((played("san", "replay"), played("shell", "replay"))))
        self.assertEqual(len(shown), 3)

    def test_what_was_played_again_hides_nothing(self):
        shown = table.lines("\n".join((played("san", 1, ["lost"]), played("san", 1))))
        self.assertEqual((shown[1].split()[1], shown[1].split()[-1]), ("2", "1"))
        self.assertEqual(len(shown), 2)


class Fio(unittest.TestCase):
    # What fio 3.33 printed, up to what is read of it.
    LINE = (
        "3;fio-3.33;verified;0;0;768;0;0;0;0;0;0.000000;0.000000;0;3;1.280172;0.620595;1.000000%=0;5.000000%=0;10.00000"
        "0%=0;20.000000%=0;30.000000%=1;40.000000%=1;50.000000%=1;60.000000%=1;70.000000%=1;80.000000%=1;90.000000%=1;9"
        "5.000000%=3;99.000000%=3;99.500000%=3;99.900000%=3;99.950000%=3;99.990000%=3;0%=0;0%=0;0%=0;0;4;1.324516;0.670"
        "110;0;0;0.000000%;0.000000;0.000000;800;199;49")

    def test_progress(self):
        self.assertEqual(fio.progress(self.LINE + "\n"), (0, 768, 800))

    def test_what_is_half_written_is_not_read(self):
        self.assertEqual(fio.progress(self.LINE + "\n" + self.LINE.replace(";800;", ";900;")), (0, 768, 800))
        self.assertEqual(fio.progress(self.LINE), (0, 0, 0))

    def test_an_error_and_words_before_it(self):
        failed = self.LINE.replace("verified;0;0;", "verified;0;84;")
        self.assertEqual(fio.progress(f"fio: pid=1, err=84\n{failed}\n"), (84, 768, 800))


class Exactly_one(unittest.TestCase):
    def test_one_after_the_other(self):
        record = [asked(1, "start", "p", "alice"), asked(5, "stop", "p", "alice"), done(6, "stop", "p", "alice"),
                  asked(7, "start", "p", "bob")]
        self.assertEqual(exactly_one.broken(["p"], record, []), [])

    def test_a_start_before_the_stop_has_ended(self):
        record = [asked(1, "start", "p", "alice"), asked(5, "stop", "p", "alice"), asked(5.5, "start", "p", "bob"),
                  done(6, "stop", "p", "alice")]
        self.assertEqual(len(exactly_one.broken(["p"], record, [])), 1)

    def test_a_failed_stop_ends_nothing_and_a_loss_of_power_does(self):
        record = [asked(1, "start", "p", "alice"), done(6, "stop", "p", "alice", "error"), asked(9, "start", "p", "bob")]
        self.assertEqual(len(exactly_one.broken(["p"], record, [])), 1)
        for loss in (Loss("alice", 8), Boot("alice", 8)):
            self.assertEqual(exactly_one.broken(["p"], record, [loss]), [])

    def test_a_part_that_the_record_does_not_know(self):
        self.assertEqual(len(exactly_one.broken(["p"], [], [])), 1)

    def test_roles(self):
        record = [role(1, "alice", "Secondary", "Primary"), role(1.1, "bob", "Secondary", "Primary", "peer"),
                  role(4, "alice", "Primary", "Secondary"), role(5, "bob", "Secondary", "Primary")]
        self.assertEqual(exactly_one.broken_roles(record, []), [])
        self.assertEqual(len(exactly_one.broken_roles([record[0], record[3]], [])), 1)
        self.assertEqual(exactly_one.broken_roles([record[0], record[3]], [Loss("alice", 2)]), [])


class Fencing(unittest.TestCase):
    """Whether a node that was fenced had to be, and one that had to be was."""

    def found(self, entries, *strikes, whole=None):
        play = Play(SimpleNamespace(), [], [])
        if whole:
            play.note_whole(whole)
        for fault, node, begin, end in strikes:
            play.note(catalogue.FAULTS[fault], sequence.Step(fault, "serving", {}, 2, True), node, begin, end)
        outcome = Outcome([])
        play.judge_fencing(entries, outcome)
        return outcome

    def test_for_no_reason(self):
        self.assertEqual(len(self.found([fenced(50, "bob", "alice")], ("cut", settings.BOB, 10, 40)).broken), 1)
        self.assertEqual(len(self.found([fenced(50, "bob", "alice")], ("freeze", settings.BOB, 60, 70)).broken), 1)

    def test_for_a_reason_told_by_both_nodes(self):
        outcome = self.found([fenced(50, "bob", "alice"), fenced(50.1, "bob", "bob")], ("corosync", settings.BOB, 10, 12))
        self.assertEqual((outcome.broken, outcome.fenced), ([], 1))

    def test_not_although_there_is_no_other_way(self):
        self.assertEqual(len(self.found([], ("power", settings.ALICE, 10, 12)).broken), 1)
        self.assertEqual(self.found([], ("isolate", settings.ALICE, 10, 12)).broken, [])
        self.assertEqual(len(self.found([], ("isolate", settings.ALICE, 10, 50)).broken), 1)

    def test_not_as_the_peer_was_struck_too(self):
        both = (("corosync", settings.BOB, 10, 12), ("power", settings.ALICE, 20, 22))
        self.assertEqual(self.found([], *both).broken, [])
        self.assertEqual(len(self.found([], *both, whole=15).broken), 2)
        self.assertEqual(len(self.found([], ("cut", settings.BOB, 10, 12), both[1]).broken), 1)


class Sequences(unittest.TestCase):
    def test_a_seed_is_a_sequence(self):
        self.assertEqual(sequence.drawn(7, 5), sequence.drawn(7, 5))
        self.assertNotEqual(sequence.drawn(7, 5), sequence.drawn(8, 5))
        self.assertEqual(sequence.read(sequence.written(sequence.drawn(7, 5))), sequence.drawn(7, 5))

    def test_every_fault_is_drawn(self):
        drawn = {step.fault for seed in range(200) for step in sequence.drawn(seed, 5)}
        self.assertEqual(drawn, set(catalogue.FAULTS))

    def test_it_goes_on_until_enough_have_struck(self):
        class Every_second(Play):
            def _strike(self, step):
                if step % 2 == 0:
                    self.note(None, step, None, 1, 2)

            def _wait_whole(self, _timeout):
                pass

            def _judge(self, _outcome):
                pass

        with mock.patch("sanlab.faults.links.begin"):
            outcome = Every_second(None, [], []).play(iter(range(100)), 3)
        self.assertEqual((outcome.steps, outcome.struck), ([0, 1, 2, 3, 4], 3))

    def test_shrinking_keeps_what_breaks(self):
        steps = sequence.drawn(1, 6)
        guilty = (steps[1], steps[4])
        self.assertEqual(tuple(sequence.shrunk(steps, lambda fewer: all(step in fewer for step in guilty))), guilty)


if __name__ == "__main__":
    unittest.main()
