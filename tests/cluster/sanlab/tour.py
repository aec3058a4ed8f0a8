"""The lab for a person who wants to see it: what quickstart runs."""

from . import beginning, cluster, settings
from .scenario import Lab
from .waiting import say, step


def run(saved, options):
    """Storage on two nodes, a move and a loss of power under a writing initiator, and what the initiator noticed."""
    beginning.restore(saved, options.tree)
    lab = Lab(options)
    try:
        lab.begin()
        say(cluster.show(settings.ALICE))
        first = lab.active()
        second = lab.other(first)
        with step(f"move of the storage from {first} to {second}"):
            lab.move(second)
            lab.wait_moved(second)
            lab.forget_move()
        with step(f"power loss of {second}, takeover by {first}"):
            lab.cut_power(second)
            lab.wait_moved(first)
        with step(f"return of {second}"):
            lab.wait_rejoined(second)
        say(cluster.show(settings.ALICE))
        account = lab.judge()
    finally:
        lab.close()
    say(_sentence(account))


def _sentence(account):
    pauses = [f"{pause['ms'] / 1000:.0f} s" for pause in account["interruptions"]]
    if len(pauses) == 2:
        noticed = f"noticed the move as a pause of {pauses[0]} and the power loss as one of {pauses[1]}"
    else:
        noticed = f"noticed pauses of {', '.join(pauses) or 'less than a second'}"
    return (f"The initiator had {account['written']} blocks acknowledged, {noticed}, "
            f"and found every one of its blocks again.")
