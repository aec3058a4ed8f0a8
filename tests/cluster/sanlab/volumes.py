"""Volume groups made for a scenario, on disks of a node's memory, and LVM's configuration that lets it see them."""

from . import access, agent

SHELL = "/usr/lib/ocf/resource.d/heartbeat"

# As the node's own, but for what LVM sees; the system id is the node's name.
_CONFIGURATION = """\
devices {{
    global_filter = [ {filters}, "r|.*|" ]
    use_devicesfile = 0
}}
global {{
    system_id_source = "uname"
}}
activation {{
    monitoring = 0
    {activation}
}}
"""


def configure(node, *devices, activation=""):
    """Lets LVM on a node see these devices, patterns of their paths, and no others."""
    filters = ", ".join(f'"a|^{device}|"' for device in devices)
    access.on(node, "cat >/etc/lvm/lvm.conf", stdin=_CONFIGURATION.format(filters=filters, activation=activation))


def load_disks(node, count, mebibytes=32):
    access.on(node, f"modprobe dm_mod && modprobe brd rd_nr={count} rd_size={mebibytes * 1024}")


def create(node, group, device, *volumes):
    """A group on one device, with volumes of 4 MiB, none of them active."""
    made = "; ".join(f"lvcreate --quiet --yes -an -Wn -Zn -l 1 -n {volume} {group}" for volume in volumes)
    access.on(node, f"set -e; vgcreate --quiet --yes --systemid '' --setautoactivation n {group} {device}; {made}")


def monitors(node, group, level=0):
    """What ours, and both shell agents, say of a group: their codes, and our reason."""
    ours = agent.call(node, "LVM", "monitor", {"volgrpname": group}, interval=10000, OCF_CHECK_LEVEL=level)
    old = agent.call(node, "LVM", "monitor", {"volgrpname": group}, interval=10000, folder=SHELL, OCF_CHECK_LEVEL=level)
    new = agent.call(node, "LVM-activate", "monitor", {"vgname": group, "vg_access_mode": "system_id"}, interval=10000,
                     folder=SHELL, OCF_CHECK_LEVEL=level)
    return ours, old.code, new.code
