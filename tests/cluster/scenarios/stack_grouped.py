# Needs no stack but its own. Proves san-iscsi-grouped as its script makes it: two replicas below one group of target, units and
# addresses move together and back under two writers.

from sanlab import published, settings
from sanlab.replicas import Replica

STACK = False
LONG = True

_ID = "pair"
_IQN = "iqn.2026-01.org.example:san.pair"
_MEMBERS = tuple(f"p_{name}_{_ID}" for name in ("target", "lu1", "lu2", "ip1", "ip2"))


def _address(lun):
    return f"{settings.DATA.prefix}.{100 + lun}"


def run(lab):
    replicas = [Replica(f"r{number}", number) for number in (1, 2)]
    for replica in replicas:
        replica.create()
        for node in settings.NODES:
            replica.do(node, "down")
    published.run_script(settings.ALICE, "san-iscsi-grouped-without-fencing", id=_ID, iqn=_IQN, cidr_netmask=24, nic="eth2",
                         **{f"drbd_resource{number}": f"r{number}" for number in (1, 2)},
                         **{f"path{number}": f"/dev/drbd/by-res/r{number}/0" for number in (1, 2)},
                         **{f"ip{number}": _address(number) for number in (1, 2)})

    def up_to_date():
        for replica in replicas:
            for node in settings.NODES:
                replica.wait("UpToDate/UpToDate", "ds", node)
    stack = published.Published(lab, published.Replicas(f"p_drbd1_{_ID}", f"p_drbd2_{_ID}", wait_up_to_date=up_to_date),
                                _MEMBERS, _MEMBERS[-1:])
    stack.begin()
    with published.Initiators(lab, _IQN) as writers:
        for lun in (1, 2):
            writers.add(_address(lun), lun)
        stack.there_and_back(writers)
        writers.end_all()
    stack.judge()
