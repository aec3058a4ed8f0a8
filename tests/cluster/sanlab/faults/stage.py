"""What faults strike: the storage on whose agents, DRBD that fences, and what writes to it.

    san, shell    volumes: a unit for each of two initiators, and one for fio
    tgt           the replica itself is the only unit; one initiator
"""

from .. import access, cluster, drbd_fencing, fio, initiator, settings, stack

AGENTS = ("san", "shell", "tgt")

_SECOND, _FIO = 2, 3
_RATE = 10  # writes per second of an initiator: several labs share two processors
_MORE = {_SECOND: 32, _FIO: 16}  # MiB


def _unit(agents, lun):
    own = "ocf:san:iSCSILogicalUnit" if agents == "san" else "ocf:heartbeat:iSCSILogicalUnit"
    more = "identity=cluster" if agents == "san" else f"implementation=lio-t scsi_sn=sanlab0{lun}"
    return (f"primitive p_lu_san_{lun} {own} params target_iqn={settings.IQN} lun={lun} "
            f"path=/dev/{settings.VOLUME_GROUP}/lun{lun} {more} op monitor interval=10 timeout=60 "
            "op start timeout=120 op stop timeout=120\n")


def stack_of(agents):
    """The usual stack with more units."""
    if agents == "tgt":
        def configure_tgt(node):
            stack.TGT.apply(node)
            drbd_fencing.put_into_force("san")
        return stack.Stack(configure_tgt, stack.TGT.members, stack.TGT.last)

    usual = stack.of(agents)

    def configure(node):
        usual.apply(node)
        drbd_fencing.put_into_force(agents)
        first = stack.active(node)
        before = stack.UNIT
        for lun, size in _MORE.items():
            access.on(first, f"lvcreate --quiet --yes -Wn -Zn --size {size}m --name lun{lun} {settings.VOLUME_GROUP}")
            cluster.load(node, _unit(agents, lun))
            access.on(node, f"crm --force configure modgroup {stack.GROUP} add p_lu_san_{lun} after {before}")
            before = f"p_lu_san_{lun}"
        cluster.wait_idle(node)
        for lun in _MORE:
            cluster.clean_up(node, f"p_lu_san_{lun}")  # before they were in the group they may have been tried where no group was
    return stack.Stack(configure, (*usual.members, *(f"p_lu_san_{lun}" for lun in _MORE)), usual.last)


def writers(agents, program, place):
    """One for each unit, with sessions of their own."""
    def folder(lun):
        made = place / f"unit-{lun}"
        made.mkdir()
        return made

    def numbered(lun):
        url = f"iscsi://{settings.SERVICE_ADDRESS}:{settings.PORT}/{settings.IQN}/{lun}"
        return initiator.Initiator(program, folder(lun), url, f"{0x00C100 + lun:06x}", _RATE)
    if agents == "tgt":
        return [numbered(settings.LUN)]
    return [numbered(settings.LUN), numbered(_SECOND), fio.Fio(folder(_FIO), _FIO)]
