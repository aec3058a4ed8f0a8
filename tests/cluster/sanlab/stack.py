"""The storage that the scenarios move: DRBD, volume group, target, logical unit, service address.

Configured as a user would, by the script of crmsh-templates. With --agents shell the same stack on the agents that we
replace, to compare.
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

_SCRIPT = (f"crm --force script run san-iscsi id=san drbd_resource={settings.DRBD_RESOURCE} "
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


def apply(node, agents):
    """Configures the stack and waits until all of it is there."""
    if agents == "san":
        access.on(node, _SCRIPT)
    else:
        cluster.load(node, _SHELL)
    wait_complete(node)


def last(agents):
    """The member of the group that is started last."""
    return ADDRESS if agents == "san" else UNIT


def _serving(seen):
    """Names of the nodes that serve the storage: the promoted side, if every member of the group is there too."""
    active = seen.promoted(REPLICA)
    return active if all(seen.where(part) == active for part in MEMBERS) else []


def serves(node):
    """Whether this node, and no other, serves the storage."""
    return _serving(cluster.view(node)) == [node.name]


def wait_complete(node, timeout=600):
    """Waits until one node serves the storage and the other one has its copy."""
    def complete():
        seen = cluster.view(node)
        return len(_serving(seen)) == 1 and seen.copies(REPLICA) == 2
    cluster.wait_idle(node, timeout)
    wait_until("the storage and its copy to be up", complete, 120, 3)


def active(node):
    """The node that serves the storage."""
    return settings.node(cluster.view(node).promoted(REPLICA)[0])


def configfs(node):
    """Everything that LIO has been told, as a list of paths."""
    return access.on(node, "find /sys/kernel/config/target 2>/dev/null || true")
