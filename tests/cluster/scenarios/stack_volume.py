# Needs no stack but its own. Proves san-volume as its script makes it: a file system moves and comes back, and every record that a
# program on it was told is on the disk is there.

from sanlab import published, records, settings

STACK = False
LONG = True

_ID = "files"
_DIRECTORY = "/srv/files"
_MEMBERS = (f"p_lvm_{_ID}", f"p_fs_{_ID}")


def run(lab):
    records.make_file_system(_DIRECTORY)
    published.run_script(settings.ALICE, "san-volume-without-fencing", id=_ID, **records.values(_DIRECTORY))
    stack = published.Published(lab, published.Replicas(f"p_drbd_{_ID}"), _MEMBERS, _MEMBERS[-1:])
    first = stack.begin()
    with records.On_node(_DIRECTORY) as writer:
        writer.follow(first)
        stack.there_and_back(writer)
        writer.verify(stack.active())
    stack.judge()
