# Needs fencing by IPMI. Proves tgt below a cluster: a replica whose device is the unit, without volumes and without a group,
# moves by standby, by the death of tgtd and by a loss of power while an initiator writes, and the mode page that
# the administrator gave is what initiators read on either node.

from sanlab import cluster, initiator, stack
from sanlab.waiting import Failure

STACK = stack.TGT
LONG = True


def page_is_ours(lab):
    """What an initiator reads of the cache, from code to last byte: PAGE:SUBPAGE:LENGTH:BYTES of the parameter."""
    code, _, length, *data = (int(number, 0) for number in stack.TGT_PAGE.split(":"))
    wanted = bytes((code, length, *data)).hex()
    found, complaint = initiator.login(lab.program, initiator.URL)
    if not found or found["caching_page"] != wanted:
        raise Failure(f"an initiator reads {found or complaint} and not the caching page {wanted}")


def run(lab):
    first = lab.active()
    second = lab.other(first)
    page_is_ours(lab)

    lab.standby(first, True)
    lab.wait_moved(second)
    page_is_ours(lab)
    lab.standby(first, False)
    lab.wait_complete()

    # Its service starts it again, empty. If the target's monitor is the first to notice, all is put back here; if the
    # unit's is, the unit's start finds no target, and all goes to the other node.
    lab.strike(second, "systemctl kill --signal=KILL tgt")
    lab.wait_for_log(rf"Result of start operation for {STACK.last} on \S+: (?i:ok)")
    lab.initiator.wait_writing(180)
    for part in STACK.members:
        cluster.clean_up(first, part)
    lab.wait_complete()
    page_is_ours(lab)

    victim = lab.active()
    heir = lab.other(victim)
    lab.cut_power(victim)
    lab.wait_fenced(victim)
    lab.wait_moved(heir)
    page_is_ours(lab)
    lab.wait_rejoined(victim)
