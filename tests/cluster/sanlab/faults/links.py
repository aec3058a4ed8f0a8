"""What goes wrong between a node and a network: frames that are dropped in the bridge on the host, where no node can help it.

Rules of nftables in the family bridge, in the lab's namespace: those that pass from or to a node's tap.
"""

from .. import settings
from ..waiting import run

_TABLE = "faults"


def _nft(rules):
    run("nft", *rules)


def begin():
    """The table that all drops are in."""
    for words in (("add", "table", "bridge", _TABLE),
                  *(("add", "chain", "bridge", _TABLE, hook, "{", "type", "filter", "hook", hook, "priority", "0", ";", "}")
                    for hook in ("input", "forward", "output"))):
        _nft(words)


def mend():
    """Everything passes again."""
    for hook in ("input", "forward", "output"):
        _nft(("flush", "chain", "bridge", _TABLE, hook))


def drop(node, network, direction="both", percent=100):
    """From now on frames from the node, to it, or both are lost, all or some of a hundred, on this network."""
    tap = node.tap(network)
    chance = () if percent == 100 else ("numgen", "random", "mod", "100", "<", str(percent))
    if direction in ("from", "both"):
        for hook in ("input", "forward"):
            _nft(("add", "rule", "bridge", _TABLE, hook, "iifname", tap, *chance, "drop"))
    if direction in ("to", "both"):
        for hook in ("forward", "output"):
            _nft(("add", "rule", "bridge", _TABLE, hook, "oifname", tap, *chance, "drop"))


def network(short):
    return next(found for found in settings.NETWORKS if found.short == short)
