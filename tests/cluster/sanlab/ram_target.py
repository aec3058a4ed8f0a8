"""A target on one node whose units are RAM disks: for what needs several units or initiators, and no replica."""

from . import access, cluster, initiator, settings
from .waiting import Failure

NODE = settings.ALICE
GROUP = "g_ram"
TARGET = "p_ram_target"
PORTAL = f"{NODE.address(settings.DATA)}:{settings.PORT}"
LUNS = (1, 2)

_BOTH = "op monitor interval=10s timeout=20s"


def unit(lun):
    """The resource of a unit."""
    return f"p_ram_{lun}"


def load_disks():
    access.on(NODE, f"modprobe brd rd_nr={len(LUNS)} rd_size=16384")


def configure(target="", units=None):
    """Gives the cluster the target and its units, each with these parameters as well, and waits until they run."""
    load_disks()
    lines = [f"primitive {TARGET} ocf:san:iSCSITarget params iqn={settings.IQN} portals={PORTAL} {target} {_BOTH}"]
    for lun in LUNS:
        lines.append(f"primitive {unit(lun)} ocf:san:iSCSILogicalUnit params target_iqn={settings.IQN} lun={lun} "
                     f"path=/dev/ram{lun - 1} {(units or {}).get(lun, '')} {_BOTH}")
    lines.append(f"group {GROUP} {TARGET} {' '.join(map(unit, LUNS))}")
    lines.append(f"location l_ram {GROUP} inf: {NODE}")
    cluster.load(NODE, "\n".join(lines) + "\n")
    cluster.wait_idle(NODE)
    for name in (TARGET, *map(unit, LUNS)):
        if cluster.view(NODE).where(name) != [NODE.name]:
            raise Failure(f"{name} does not run: {cluster.show(NODE)}")


def change(resource, parameter, value):
    """Changes a parameter as an administrator does, and waits until the cluster has done what it wants."""
    what = f"--set-parameter {parameter} --parameter-value '{value}'" if value else f"--delete-parameter {parameter}"
    access.on(NODE, f"crm_resource --resource {resource} {what}")
    cluster.wait_idle(NODE)


def url(lun):
    return f"iscsi://{PORTAL}/{settings.IQN}/{lun}"


def login(program, lun, *options):
    """One attempt to log in and use a unit, as initiator.login."""
    return initiator.login(program, url(lun), *options)
