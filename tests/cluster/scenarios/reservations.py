# Needs fencing by IPMI. Proves that persistent reservations survive: the writer holds one, and on the next node, after a
# planned move and after a loss of power, others are refused before the writer is back, and the writer goes on. Then
# the administrator drops it. With the shell agents the first move loses it.

import time

from sanlab import access, initiator, settings, stack
from sanlab.reservations import CONFLICT, GOOD, Client, wait_on_disk
from sanlab.waiting import Failure, say

LONG = True

HOLDER, OTHER, LATE = "a1", "b1", "c1"


def move(lab, leave, target, other):
    """What the other initiator is answered on the next node, which it reaches before the writer."""
    with lab.initiator.paused():
        leave()
        lab.wait_for_log(rf"Result of start operation for {lab.stack.last} on {target}: (?i:ok)", target)
        answer, _ = other.ask("write-one")
    lab.wait_moved(target)
    return answer


def keys_are(client, expected):
    if sorted(keys := client.must(GOOD, "keys")) != sorted(expected):
        raise Failure(f"the keys are {keys}, not {expected}")


def run(lab):
    first = lab.active()
    second = lab.other(first)
    holder = Client(lab.program, initiator.NAME, initiator.ISID)
    same_name = Client(lab.program, initiator.NAME, "00b0b0")
    other = Client(lab.program, "iqn.2026-01.com.example:other", "00000b")
    late = Client(lab.program, "iqn.2026-01.com.example:late", "00000c")

    if lab.provider != "san":
        # Without it the kernel refuses every reservation.
        for node in settings.NODES:
            access.on(node, "mkdir -p $(cat /sys/kernel/config/target/dbroot 2>/dev/null || echo /var/target)/pr")
    holder.must(GOOD, "register", "--new-key", HOLDER, "--aptpl")
    holder.must(GOOD, "reserve", "--key", HOLDER)
    other.must(GOOD, "register", "--new-key", OTHER, "--aptpl")
    other.must(CONFLICT, "write-one")
    lab.initiator.wait_writing(60)

    answer = move(lab, lambda: lab.standby(first, True), second, other)
    if lab.provider != "san":
        if answer != GOOD or other.must(GOOD, "keys"):
            raise Failure(f"the shell agents are said to lose reservations, but a write was answered '{answer}'")
        say("  with the shell agents the reservation is lost: a write of another initiator is answered 'good'")
        lab.standby(first, False)
        lab.wait_complete()
        return
    if answer != CONFLICT:
        raise Failure(f"after the planned move a write of another initiator was answered '{answer}'")
    same_name.must(CONFLICT, "write-one")
    keys_are(other, [HOLDER, OTHER])
    if (held := other.must(GOOD, "holder")) != [HOLDER]:
        raise Failure(f"the reservation is held by {held}, not by {HOLDER}")
    lab.standby(first, False)
    lab.wait_complete()

    # One of the last moment: how long until the other node has it on its disk?
    finish = wait_on_disk(first, f"sa_res_key={int(LATE, 16)},")
    late.must(GOOD, "register", "--new-key", LATE, "--aptpl")
    answered = time.monotonic()
    finish()
    say(f"  from the answer to a registration until it is on the other node's disk: "
        f"{(time.monotonic() - answered) * 1000:.0f} ms")

    answer = move(lab, lambda: (lab.cut_power(second), lab.wait_fenced(second)), first, other)
    if answer != CONFLICT:
        raise Failure(f"after the loss of power a write of another initiator was answered '{answer}'")
    keys_are(other, [HOLDER, OTHER, LATE])
    lab.wait_rejoined(second)

    say("  " + access.on(first, f"san-reservations drop {stack.UNIT}").strip().replace("\n", "\n  "))
    other.must(CONFLICT, "write-one")
    answer = move(lab, lambda: lab.standby(first, True), second, other)
    if answer != GOOD:
        raise Failure(f"dropped, but a write of another initiator was answered '{answer}'")
    keys_are(other, [])
    lab.standby(first, False)
    lab.wait_complete()
