"""What faults strike: the stack with two units, DRBD that fences, and an initiator for each unit."""

from .. import access, cluster, drbd_fencing, initiator, settings, stack

SECOND = 2
_UNIT = f"p_lu_san_{SECOND}"
_VOLUME = "lun2"


def _second_unit(agents):
    own = "ocf:san:iSCSILogicalUnit" if agents == "san" else "ocf:heartbeat:iSCSILogicalUnit"
    more = "identity=cluster" if agents == "san" else "implementation=lio-t scsi_sn=sanlab02"
    return (f"primitive {_UNIT} {own} params target_iqn={settings.IQN} lun={SECOND} "
            f"path=/dev/{settings.VOLUME_GROUP}/{_VOLUME} {more} op monitor interval=10 timeout=60 "
            "op start timeout=120 op stop timeout=120\n")


def stack_of(agents):
    """The usual stack with a second unit."""
    usual = stack.of(agents)

    def configure(node):
        usual.apply(node)
        drbd_fencing.put_into_force(agents)
        first = stack.active(node)
        access.on(first, f"lvcreate --quiet --yes -Wn -Zn --size 32m --name {_VOLUME} {settings.VOLUME_GROUP}")
        cluster.load(node, _second_unit(agents))
        access.on(node, f"crm --force configure modgroup {stack.GROUP} add {_UNIT} after {stack.UNIT}")
    members = (*usual.members, _UNIT)
    return stack.Stack(configure, members, usual.last)


def writers(program, place):
    """An initiator for each unit, with sessions of their own."""
    found = []
    for number, lun in enumerate((settings.LUN, SECOND)):
        folder = place / f"unit-{lun}"
        folder.mkdir()
        url = f"iscsi://{settings.SERVICE_ADDRESS}:{settings.PORT}/{settings.IQN}/{lun}"
        found.append(initiator.Initiator(program, folder, url, f"{0x00C100 + number:06x}"))
    return found
