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
    pauses = sorted((pause["ms"] / 1000 for pause in account.get("interruptions", [])), reverse=True)[:2]
    noticed = " and ".join(f"{pause:.0f} s" for pause in pauses) or f"{account['longest_interruption_ms'] / 1000:.1f} s"
    return (f"The initiator had {account['written']} blocks acknowledged, waited {noticed} for the two moves, "
            f"and found every one of its blocks again.")
