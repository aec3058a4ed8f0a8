# Needs no stack but its own, and libnfs. Proves san-nfs as its script makes it: the server moves and comes back under a client
# that writes, which sees a pause; every record that it was told is on the disk is there.

from sanlab import access, published, records, settings

STACK = False
LONG = True

_ID = "nfs"
_DIRECTORY = "/srv/files"
_ADDRESS = f"{settings.DATA.prefix}.101"
_MEMBERS = tuple(f"p_{name}_{_ID}" for name in ("lvm", "fs", "nfs", "export", "ip"))


def run(lab):
    records.make_file_system(_DIRECTORY)
    for node in settings.NODES:
        # As the stack's description says.
        access.on(node, "chmod -x /etc/init.d/nfs-kernel-server")
    published.run_script(settings.ALICE, "san-nfs-without-fencing", id=_ID, **records.values(_DIRECTORY),
                         clientspec=f"{settings.DATA.prefix}.0/24", ip=_ADDRESS, cidr_netmask=24, nic="eth2")
    stack = published.Published(lab, published.Replicas(f"p_drbd_{_ID}"), _MEMBERS, _MEMBERS[-1:])
    first = stack.begin()
    with records.By_nfs(_ADDRESS, _DIRECTORY) as client:
        client.follow(first)
        stack.there_and_back(client)
        client.verify(first)
    stack.judge()
