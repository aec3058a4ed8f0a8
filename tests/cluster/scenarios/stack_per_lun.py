# Needs no stack but its own. Proves san-iscsi-per-lun as its scripts make it: three units, each with a replica and an address of
# its own, move together and back under three writers; then a fourth is added and the second is taken away, while the
# others serve: nothing of theirs is started, stopped, promoted or demoted.

from sanlab import access, cluster, published, settings
from sanlab.replicas import Replica
from sanlab.waiting import Failure

STACK = False
LONG = True

_ID = "many"
_IQN = "iqn.2026-01.org.example:san.many"


def _address(lun):
    return f"{settings.DATA.prefix}.{100 + lun}"


def _parts(lun):
    return f"p_lu_{_ID}_{lun}", f"p_ip_{_ID}_{lun}"


def _replica(lun):
    return f"p_drbd_{_ID}_{lun}"


def _configure(script, lun):
    published.run_script(settings.ALICE, script, id=_ID, iqn=_IQN, lun=lun, drbd_resource=f"r{lun}",
                         path=f"/dev/drbd/by-res/r{lun}/0", ip=_address(lun), cidr_netmask=24, nic="eth2")


def _stack(lab, replicas, units):
    def up_to_date():
        for lun in units:
            for node in settings.NODES:
                replicas[lun].wait("UpToDate/UpToDate", "ds", node)
    return published.Published(lab, published.Replicas(*map(_replica, units), wait_up_to_date=up_to_date),
                               (f"p_target_{_ID}", *(part for lun in units for part in _parts(lun))),
                               [f"p_ip_{_ID}_{lun}" for lun in units])


def _untouched(lab, stack, mark, units):
    parts = (f"p_target_{_ID}", *(part for lun in units for part in (*_parts(lun), _replica(lun))))
    if done := stack.operations(mark, parts):
        raise Failure("the units that stay were touched: " + "; ".join(done))


def run(lab):
    replicas = {lun: Replica(f"r{lun}", lun) for lun in (1, 2, 3, 4)}
    for replica in replicas.values():
        replica.create()
        for node in settings.NODES:
            replica.do(node, "down")
    _configure("san-iscsi-per-lun-without-fencing", 1)
    for lun in (2, 3):
        _configure("san-iscsi-lun", lun)
    stack = _stack(lab, replicas, (1, 2, 3))
    stack.begin()
    with published.Initiators(lab, _IQN) as writers:
        for lun in (1, 2, 3):
            writers.add(_address(lun), lun)
        stack.there_and_back(writers)

        mark = lab.journal.mark()
        _configure("san-iscsi-lun", 4)
        cluster.wait_idle(settings.ALICE)
        _stack(lab, replicas, (1, 2, 3, 4)).wait_complete()
        _untouched(lab, stack, mark, (1, 2, 3))
        writers.add(_address(4), 4)

        writers.end(2)
        mark = lab.journal.mark()
        published.run_script(settings.ALICE, "san-iscsi-lun-remove", id=_ID, lun=2)
        cluster.wait_idle(settings.ALICE)
        stack = _stack(lab, replicas, (1, 3, 4))
        stack.wait_complete()
        _untouched(lab, stack, mark, (1, 3, 4))
        if "many_2" in access.on(settings.ALICE, "cibadmin --query --scope configuration"):
            raise Failure("something of the unit that was taken away is still configured")
        for node in settings.NODES:
            if state := replicas[2].state(node):
                raise Failure(f"its replica is still up on {node}: {state}")

        stack.there_and_back(writers)
        writers.end_all()
    stack.judge()
