"""The storage that the scenarios move: DRBD, target, logical unit, service address, and what is between them.

OURS is configured as a user would, by the script of crmsh-templates; SHELL is the same on the agents that we replace, to
compare; TGT is another published stack, on another target.
"""

from . import access, cluster, settings
from .waiting import wait_until

# The ids that the script makes of id=san.
GROUP = "g_san"
REPLICA = "p_drbd_san"
VOLUMES = "p_lvm_san"
TARGET = "p_target_san"
UNIT = f"p_lu_san_{settings.LUN}"
ADDRESS = "p_ip_san"
MEMBERS = (VOLUMES, TARGET, UNIT, ADDRESS)

_DEVICE = f"/dev/{settings.VOLUME_GROUP}/{settings.VOLUME}"

_SCRIPT = (f"crm --force script run san-iscsi-without-fencing id=san drbd_resource={settings.DRBD_RESOURCE} "
           f"volgrpname={settings.VOLUME_GROUP} iqn={settings.IQN} path={_DEVICE} lun={settings.LUN} "
           f"ip={settings.SERVICE_ADDRESS} cidr_netmask=24 nic=eth2 nodes=$(crm_node -n)")

# The service address comes first here: the shell agents make a target without a portal unless one is given, and one on
# an address that is not there yet cannot be made.
_SHELL = f"""\
primitive {REPLICA} ocf:linbit:drbd params drbd_resource={settings.DRBD_RESOURCE} \
  op monitor interval=29 role=Master op monitor interval=31 role=Slave
primitive {VOLUMES} ocf:heartbeat:LVM params volgrpname={settings.VOLUME_GROUP} op monitor interval=30
primitive {TARGET} ocf:heartbeat:iSCSITarget params iqn={settings.IQN} implementation=lio-t \
  portals={settings.SERVICE_ADDRESS}:{settings.PORT} op monitor interval=30
primitive {UNIT} ocf:heartbeat:iSCSILogicalUnit params target_iqn={settings.IQN} lun={settings.LUN} \
  path={_DEVICE} implementation=lio-t scsi_sn=sanlab01 op monitor interval=30
primitive {ADDRESS} ocf:heartbeat:IPaddr2 params ip={settings.SERVICE_ADDRESS} cidr_netmask=24 nic=eth2 \
  op monitor interval=30
group {GROUP} {ADDRESS} {VOLUMES} {TARGET} {UNIT}
clone ms_drbd_san {REPLICA} meta promotable=true promoted-max=1 clone-max=2 notify=true interleave=true
colocation c_san inf: {GROUP} ms_drbd_san:Master
order o_san Mandatory: ms_drbd_san:promote {GROUP}:start
"""

# One replica for one unit, without volumes and without a group; tgtd is there already when the cluster starts.
TGT_PAGE = "8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:1"
_TGT = f"""\
primitive {REPLICA} ocf:san:drbd params drbd_resource={settings.DRBD_RESOURCE} \
  op monitor interval=29 role=Master op monitor interval=31 role=Slave
primitive {TARGET} ocf:san:iSCSITarget params implementation=tgt iqn={settings.IQN} tid=1 op monitor interval=10
primitive {UNIT} ocf:san:iSCSILogicalUnit params implementation=tgt target_iqn={settings.IQN} lun={settings.LUN} \
  path=/dev/drbd/by-res/{settings.DRBD_RESOURCE} scsi_sn=sanlab01 additional_parameters="mode_page={TGT_PAGE}" \
  op monitor interval=10
primitive {ADDRESS} ocf:san:IPaddr2 params ip={settings.SERVICE_ADDRESS} cidr_netmask=24 nic=eth2 \
  op monitor interval=10
clone ms_drbd_san {REPLICA} meta promotable=true promoted-max=1 clone-max=2 notify=true interleave=true
colocation c_san_lu inf: {UNIT} ms_drbd_san:Master
colocation c_san_drbd inf: ms_drbd_san:Master {TARGET}
colocation c_san_ip inf: {ADDRESS} {UNIT}
order o_san_drbd Mandatory: {TARGET}:start ms_drbd_san:promote
order o_san_lu Mandatory: ms_drbd_san:promote {UNIT}:start
order o_san_ip Mandatory: {UNIT}:start {ADDRESS}:start
"""


class Stack:
    """One configuration that serves the unit at the service address."""

    def __init__(self, configure, members, last):
        self._configure = configure
        self.members = members  # what only one node may have, and is where the replica is promoted
        self.last = last  # the member that is started last

    def apply(self, node):
        """Configures the stack and waits until all of it is there."""
        self._configure(node)
        self.wait_complete(node)

    def _serving(self, seen):
        """Names of the nodes that serve the storage: the promoted side, if every member is there too."""
        active = seen.promoted(REPLICA)
        return active if all(seen.where(part) == active for part in self.members) else []

    def serves(self, node):
        """Whether this node, and no other, serves the storage."""
        return self._serving(cluster.view(node)) == [node.name]

    def wait_complete(self, node, timeout=600):
        """Waits until one node serves the storage and the other one has its copy."""
        def complete():
            seen = cluster.view(node)
            return len(self._serving(seen)) == 1 and seen.copies(REPLICA) == 2
        cluster.wait_idle(node, timeout)
        wait_until("the storage and its copy to be up", complete, 120, 3)


def _start_tgtd():
    """As the distribution's unit starts it at boot."""
    for node in settings.NODES:
        access.on(node, "systemctl unmask --quiet tgt && systemctl enable --quiet --now tgt")


def _configure_tgt(node):
    _start_tgtd()
    cluster.load(node, _TGT)


OURS = Stack(lambda node: access.on(node, _SCRIPT), MEMBERS, ADDRESS)
SHELL = Stack(lambda node: cluster.load(node, _SHELL), MEMBERS, UNIT)
TGT = Stack(_configure_tgt, (TARGET, UNIT, ADDRESS), ADDRESS)


def of(agents):
    """The stack of whose agents: "san" or "shell"."""
    return OURS if agents == "san" else SHELL


def active(node):
    """The node that serves the storage."""
    return settings.node(cluster.view(node).promoted(REPLICA)[0])


def configfs(node):
    """Everything that LIO has been told, as a list of paths."""
    return access.on(node, "find /sys/kernel/config/target 2>/dev/null || true")
