# Needs no stack but its own. Proves san-iscsi-multipath as its script makes it: two addresses in two networks for one unit, whose
# ports are closed while it moves; a writer by the one goes on, and by the other the same unit is found before, between and
# after the moves. By both the target says (ALUA) that the path is as good as the other one.

from sanlab import initiator, published, settings
from sanlab.waiting import Failure

STACK = False
LONG = True

_ID = "paths"
_MEMBERS = tuple(f"p_{name}_{_ID}" for name in ("block1", "block2", "lvm", "target", "lu", "ip1", "ip2", "unblock1",
                                                "unblock2", "mail"))
_ACTIVE_OPTIMIZED = 0  # SPC-4, REPORT TARGET PORT GROUPS
_ADDRESSES = {"ip1": f"{settings.DATA.prefix}.101", "ip2": f"{settings.MANAGEMENT.prefix}.101"}


class _Paths:
    """The writer by the first path, and who looks by the second."""

    def __init__(self, lab, writers):
        self._lab = lab
        self._writers = writers
        self._seen = None

    def follow(self, node):
        self._writers.follow(node)
        found, complaint = initiator.login(self._lab.program, self._writers.url(_ADDRESSES["ip2"], settings.LUN))
        if not found:
            raise Failure(f"by the second path nothing is found on {node}: {complaint}")
        if self._seen not in (None, found):
            raise Failure(f"by the second path the unit is {found} on {node} and was {self._seen}")
        self._seen = found
        for address in _ADDRESSES.values():
            states = [group["state"] for group in initiator.path(self._lab.program, self._writers.url(address, settings.LUN))["groups"]]
            if states != [_ACTIVE_OPTIMIZED]:
                raise Failure(f"by {address}, {node} reports groups in the states {states} and not one that is active")


def run(lab):
    published.run_script(settings.ALICE, "san-iscsi-multipath-without-fencing", id=_ID, drbd_resource=settings.DRBD_RESOURCE,
                         volgrpname=settings.VOLUME_GROUP, iqn=settings.IQN, lun=settings.LUN,
                         path=f"/dev/{settings.VOLUME_GROUP}/{settings.VOLUME}", nic1="eth2", nic2="eth0",
                         implementation="lio-t", email="root@localhost", **_ADDRESSES)
    members = tuple(f"{name}_{settings.LUN}" if name == f"p_lu_{_ID}" else name for name in _MEMBERS)
    stack = published.Published(lab, published.Replicas(f"p_drbd_{_ID}"), members, members[-1:])
    first = stack.begin()
    with published.Initiators(lab, settings.IQN) as writers:
        writers.add(_ADDRESSES["ip1"], settings.LUN)
        paths = _Paths(lab, writers)
        paths.follow(first)
        stack.there_and_back(paths)
        writers.end_all()
    stack.judge()
