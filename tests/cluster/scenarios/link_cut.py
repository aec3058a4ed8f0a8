# Needs fencing by IPMI and libcib on the nodes. Proves, with DRBD's fencing policy resource-and-stonith and san-fence-peer
# as its handlers: when the replication link is cut under I/O the active side goes on, the other one cannot be promoted while
# it lacks what was written, and the constraint that says so disappears after the resync. When the management network is
# cut instead nothing happens at all. SAN_CUTS=10 for that many rounds of both; without it two.

import os
import re

from sanlab import access, cluster, cut, drbd, drbd_fencing, settings, stack
from sanlab.waiting import Failure, say, step, wait_until

LONG = True

_PREFIX = f"drbd-fence-by-handler-{settings.DRBD_RESOURCE}-"


def _allowed(node):
    """Names of the nodes that the constraint allows; nothing if there is none."""
    found = access.on(node, f"cibadmin --query --xpath \"//rsc_location[starts-with(@id,'{_PREFIX}')]\" 2>/dev/null || true")
    return re.findall(r'<expression[^>]* value="([^"]*)"', found) if "<rsc_location" in found else None


def _own_role(node):
    return drbd.state(node).split()[1].split("/")[0]


def _without_replication(lab):
    """One side goes on, alone and fenced off; afterwards both are as before."""
    first = lab.active()
    second = lab.other(first)
    mark = lab.journal.mark()
    with cut.off(settings.REPLICATION, first, second):
        # 4: the peer is alive for the cluster. What DRBD had frozen goes on now.
        entry = lab.journal.wait_for(rf"constraint {_PREFIX}\S+ placed: .*; exit 4", 300, mark, first)
        say(f"  {entry}")
        lab.initiator.wait_writing(180)
        if _allowed(first) != [first.name]:
            raise Failure(f"the constraint allows {_allowed(first)}, not only {first}")
        # The cluster is told to promote the side that lacks the latest writes, and must not.
        score = f"crm_attribute --node {second} --promotion {stack.REPLICA}"
        access.on(first, f"{score} --update 100000")
        cluster.wait_idle(first)
        if (role := _own_role(second)) != "Secondary" or cluster.view(first).promoted(stack.REPLICA) != [first.name]:
            raise Failure(f"{second} is {role} although {first} has been writing alone")
        access.on(first, f"{score} --delete")  # its next monitor says what is true
        lab.initiator.wait_writing(180)
    # The link is back: first the data, then the permission.
    lab.journal.wait_for(rf"constraint {_PREFIX}\S+ removed", 600, mark)
    wait_until("the end of the constraint", lambda: _allowed(first) is None, 60, 2)
    drbd.wait_up_to_date()
    lab.wait_complete()
    if lab.active() != first:
        raise Failure(f"the storage has moved to {lab.active()} for no reason")


def _without_management(lab, node):
    """The cluster has another ring, and DRBD another network."""
    first = lab.active()
    other = lab.other(node)
    mark = lab.journal.mark()
    with cut.off(settings.MANAGEMENT, node):
        lab.journal.wait_for(r"\[KNET *\] link: host: \d+ link: 0 is down", 120, mark, other)
        lab.initiator.wait_writing(180)
        if (state := drbd.state(other)).split()[0] != "Connected":
            raise Failure(f"DRBD on {other} is {state}")
    lab.journal.wait_for(r"\[KNET *\] (?:rx: host: \d+ link: 0 is up|host: host: \d+ .* best link: 0)", 120, mark, other)
    lab.initiator.wait_writing(180)
    if (allowed := _allowed(settings.ALICE)) is not None:
        raise Failure(f"a cut of the management network has left a constraint that allows {allowed}")
    lab.wait_complete()
    if lab.active() != first:
        raise Failure(f"the storage has moved to {lab.active()} for no reason")


def run(lab):
    rounds = os.environ.get("SAN_CUTS", "2")
    if not rounds.isdecimal() or not int(rounds):
        raise Failure(f'SAN_CUTS="{rounds}": expected a number from 1 on')
    if lab.agents == "shell":
        raise Failure("this scenario is about our handlers")
    drbd_fencing.put_into_force()
    for number in range(int(rounds)):
        with step(f"replication link cut and mended ({number + 1})"):
            _without_replication(lab)
        with step(f"management network cut and mended ({number + 1})"):
            _without_management(lab, settings.NODES[number % 2])
