# Needs no stack. Brings DRBD into one state after the other and asks both agents, the stock one and ours, what they see: the
# monitor's code and the promotion score. A difference must be in the list below, with its reason.

from sanlab import access, agent, settings
from sanlab.replicas import Replica
from sanlab.waiting import Failure, say

STACK = False
LONG = True

_HERE, _PEER = settings.ALICE, settings.BOB
_RESOURCE_ID = "by_hand_drbd"
_MARK = "77"  # a score that no rule gives: it is still there when an agent leaves the score alone

# By state, why ours says something else.
_NO_VOLUME = "to the stock agent a resource without volumes is one that is diskless on purpose; a score of what is gone is removed"
_ON_PURPOSE = {"not configured in the kernel": _NO_VOLUME, "module not loaded": _NO_VOLUME}


def _score():
    found = access.on(_HERE, f"attrd_updater --query --name master-{_RESOURCE_ID} --node {_HERE} 2>/dev/null || true")
    return found.rpartition('value="')[2].rstrip('"\n ') if 'value="' in found else ""


def _seen(folder, name):
    """An agent's code, and what becomes of the score."""
    access.on(_HERE, f"attrd_updater --update {_MARK} --name master-{_RESOURCE_ID} --node {_HERE}")
    result = agent.call(_HERE, "drbd", "monitor", {"drbd_resource": name}, interval=10000, folder=folder, **agent.CLONE)
    score = _score()
    return result.code, {"": "removed", _MARK: "kept"}.get(score, score), result.errors


class Table:
    """What both agents say, state by state."""

    def __init__(self):
        self._unexplained = []
        self._used = set()
        say(f"  {'state':44}{'stock':>16}{'ours':>16}")

    def row(self, state, replica):
        stock = _seen(agent.STOCK, replica.name)
        ours = _seen(agent.FOLDER, replica.name)
        reason = ""
        if stock[:2] != ours[:2]:
            reason = _ON_PURPOSE.get(state, "")
            self._used.add(state)
            if not reason:
                self._unexplained.append(f"{state}: stock {stock}, ours {ours}")
        say(f"  {state:44}{stock[0]:>6} {stock[1]:>9}{ours[0]:>6} {ours[1]:>9}  {reason}".rstrip())

    def judge(self):
        if self._unexplained:
            raise Failure("differences without a reason: " + "; ".join(self._unexplained))
        if idle := set(_ON_PURPOSE) - self._used:
            raise Failure(f"reasons for differences that are not there: {', '.join(sorted(idle))}")


def _connected(table, one):
    table.row("both connected, Secondary", one)
    one.do(_HERE, "primary")
    table.row("both connected, Primary here", one)
    one.do(_HERE, "secondary")
    one.do(_PEER, "primary")
    table.row("both connected, Primary on the peer", one)
    one.do(_PEER, "secondary")


def _alone(table, one):
    one.do(_PEER, "down")
    one.wait("WFConnection", "cs")
    table.row("peer gone, Secondary", one)
    one.do(_HERE, "primary")
    table.row("peer gone, Primary here", one)
    one.do(_HERE, "secondary")
    one.do(_HERE, "disconnect")
    table.row("disconnected by hand", one)
    one.do(_HERE, "outdate")
    table.row("Outdated, disconnected", one)
    one.renew()


def _resync(table, one):
    one.do(_PEER, "primary")
    one.do(_HERE, "invalidate")
    one.wait("SyncTarget", "cs")
    table.row("sync target, Primary on the peer", one)
    one.do(_PEER, "secondary")
    table.row("sync target, both Secondary", one)
    one.do(_PEER, "disconnect")
    one.wait("WFConnection", "cs")
    table.row("Inconsistent, peer gone", one)
    one.renew()
    one.do(_PEER, "invalidate")
    one.wait("SyncSource", "cs")
    table.row("sync source, Secondary", one)
    one.do(_HERE, "primary")
    table.row("sync source, Primary here", one)
    one.do(_HERE, "secondary")
    one.renew()


def _diskless(table, one):
    one.do(_HERE, "detach")
    table.row("Diskless, peer UpToDate", one)
    one.do(_HERE, "primary")
    table.row("Diskless, Primary here", one)
    one.do(_HERE, "secondary")
    one.do(_PEER, "down")
    one.wait("WFConnection", "cs")
    table.row("Diskless, peer gone", one)
    one.renew()
    one.do(_PEER, "detach")
    table.row("peer Diskless", one)
    one.renew()


def _suspended(table, one):
    one.do(_HERE, "primary")
    one.do(_HERE, "suspend-io")
    table.row("I/O suspended by hand, Primary here", one)
    one.do(_HERE, "resume-io")
    one.do(_HERE, "secondary")


def _split(table, one):
    one.split()
    table.row("split brain", one)
    one.renew()


def _two_volumes(table, two):
    table.row("two volumes, both UpToDate", two)
    access.on(_HERE, f"drbdsetup primary {two.minors[1]}")
    table.row("two volumes, one of them Primary here", two)
    access.on(_HERE, f"drbdsetup secondary {two.minors[1]}")
    two.do(_HERE, "detach", volume=1)
    table.row("two volumes, one Diskless here", two)
    two.do(_PEER, "down")
    two.wait("WFConnection", "cs")
    table.row("two volumes, one Diskless, peer gone", two)
    two.renew()
    two.do(_HERE, "invalidate", volume=0)
    table.row("two volumes, one sync target", two)
    two.renew()
    two.do(_PEER, "invalidate", volume=0)
    two.do(_HERE, "detach", volume=1)
    table.row("two volumes, good data of each elsewhere", two)
    two.renew()


def _consistent(table, one):
    """Known to have been good once: what a disk is that was attached without its peer, under fencing."""
    for node in (_PEER, _HERE):
        one.do(node, "down")
    one.do(_HERE, "up")
    one.must_be(_HERE, "ds", "Consistent/DUnknown")
    table.row("Consistent, peer not seen yet", one)


def _gone(table, one):
    one.do(_HERE, "down")
    table.row("not configured in the kernel", one)
    access.on(_HERE, "drbdadm down all; rmmod drbd")
    table.row("module not loaded", one)


def run(_):
    table = Table()
    one, two = Replica("one", 1), Replica("two", 2, volumes=2)
    fenced = Replica("fenced", 3, options="fencing resource-only;")
    for replica in (one, two, fenced):
        replica.create()
    for states in (_connected, _alone, _resync, _diskless, _suspended, _split):
        states(table, one)
    _two_volumes(table, two)
    _consistent(table, fenced)
    _gone(table, one)
    table.judge()
