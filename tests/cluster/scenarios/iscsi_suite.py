# Needs iscsi-test-cu on the host, the RAM disk of brd and targetcli on a node. Proves that a unit of ours is, test by test of
# libiscsi's whole suite, what the same device is when targetcli exports it, with the same value in every attribute of the
# kernel's target; and that the tests which fail are those that tests/data/lio records for the kernel itself.

import re
from collections import Counter

from sanlab import access, agent, settings, suite
from sanlab.waiting import Failure, say, step

STACK = False
LONG = True

_LIO = "/sys/kernel/config/target"
_DEVICE = "/dev/ram0"
_SERIAL = "5a5a5a5a"
_LUN = 1
_TARGET = ("iSCSITarget", {"iqn": settings.IQN})
_UNIT = ("iSCSILogicalUnit", {"target_iqn": settings.IQN, "lun": str(_LUN), "path": _DEVICE, "scsi_sn": _SERIAL})
_NAME = "by_hand_iSCSILogicalUnit"

_GROUP = f"/iscsi/{settings.IQN}/tpg1"
_TARGETCLI = f"""\
set global auto_save_on_exit=false auto_add_default_portal=false auto_add_mapped_luns=false
/backstores/block create name={_NAME} dev={_DEVICE} wwn={_SERIAL}
/iscsi create {settings.IQN}
{_GROUP} set attribute authentication=0 generate_node_acls=1 cache_dynamic_acls=1 demo_mode_write_protect=0
{_GROUP}/portals create 0.0.0.0
{_GROUP}/luns create storage_object=/backstores/block/{_NAME} lun={_LUN}
{_GROUP} enable
"""

_FAILING = settings.HERE.parent / "data/lio/iscsi-test-cu.failing"

# LIO releases a reservation when it has closed the session, which is after it has answered the logout: whether the next
# session meets it is a race. The second test begins in what the first one leaves.
_UNSTEADY = {"Reserve6.Logout", "Reserve6.ITNexusLoss"}


def attributes(node):
    """Every value in the kernel's target that can be set, but the place of the kernel's notes, which targetcli moves, and
    the alias, which is a mark of ours that no initiator sees."""
    text = access.on(node, f"find {_LIO} -type f -perm /200 ! -path '*/statistics/*' ! -name control ! -name dbroot "
                           "! -name alias -exec grep -aH '' {} + 2>/dev/null || true")
    return set(re.sub(r"/iblock_\d+/", "/iblock_N/", text.replace("\0", "")).splitlines())


def examine(node, whose):
    """The attributes and the results of what is exported now."""
    found = attributes(node)
    with step(f"iscsi-test-cu on {whose}"):
        verdicts = suite.run(node, settings.IQN, _LUN)
    say(f"  {whose}: {', '.join(f'{count} {verdict}' for verdict, count in sorted(Counter(verdicts.values()).items()))}")
    return found, verdicts


def run(_):
    node = settings.ALICE
    access.on(node, "modprobe brd rd_nr=1 rd_size=8192")
    agent.start(node, _TARGET, _UNIT)
    our_attributes, ours = examine(node, "ours")
    for name, parameters in (_TARGET, _UNIT):
        agent.must(node, name, "monitor", parameters)
    for name, parameters in (_UNIT, _TARGET):
        agent.must(node, name, "stop", parameters)

    access.on(node, "targetcli", stdin=_TARGETCLI)
    # Without this folder, which our start makes, the kernel refuses every persistent reservation.
    access.on(node, f'mkdir -p "$(cat {_LIO}/dbroot)/pr"')
    their_attributes, theirs = examine(node, "targetcli's")

    if different := our_attributes ^ their_attributes:
        raise Failure(f"attributes differ: {sorted(different)}")
    names = (set(ours) | set(theirs)) - _UNSTEADY
    if different := [f"{name} {ours.get(name)} instead of {theirs.get(name)}" for name in sorted(names)
                     if ours.get(name) != theirs.get(name)]:
        raise Failure(f"results differ from targetcli's: {', '.join(different)}")
    failing = {name for name in names if ours[name] == "failed"}
    if different := failing ^ suite.recorded(_FAILING):
        raise Failure(f"failing and {_FAILING.name} differ in: {', '.join(sorted(different))}")
