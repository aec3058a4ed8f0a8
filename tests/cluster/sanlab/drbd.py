"""The replicated disk below everything: made once, before the snapshot, and looked at after each scenario."""

import re

from . import access, settings
from .waiting import wait_until

_NAME = settings.DRBD_RESOURCE


def state(node):
    """Connection, roles and disks in the kernel's words, such as Connected Primary/Secondary UpToDate/UpToDate."""
    text = access.on(node, "cat /proc/drbd 2>/dev/null || true")
    found = re.search(r"^ *0: cs:(\S+) ro:(\S+) ds:(\S+)", text, re.MULTILINE)
    return " ".join(found.groups()) if found else "down"


def words(node, minor):
    """What /proc/drbd (8.4) says of a volume, by its marks: cs, ro, ds; empty when it is not there."""
    text = access.on(node, "cat /proc/drbd 2>/dev/null || true")
    found = re.search(rf"^ *{minor}: (cs:.*)$", text, re.MULTILINE)
    return dict(word.split(":", 1) for word in found[1].split() if ":" in word) if found else {}


def both_up_to_date():
    """Whether both nodes say of both sides that they are up to date."""
    for node in settings.NODES:
        words = state(node).split()
        if words[0] != "Connected" or words[-1] != "UpToDate/UpToDate":
            return False
    return True


def wait_up_to_date(timeout=300):
    wait_until("both DRBD sides UpToDate", both_up_to_date, timeout, 2)


def create():
    """Both sides without an initial copy, a volume group on top, and everything down again."""
    first, second = settings.NODES
    for node in settings.NODES:
        access.on(node, f"modprobe drbd && drbdadm --force create-md {_NAME} && drbdadm up {_NAME}")
    wait_until("the two DRBD sides to meet", lambda: state(first).startswith("Connected"), 60)
    access.on(first, f"drbdadm new-current-uuid --clear-bitmap {_NAME}/0 && drbdadm primary {_NAME}")
    group, volume = settings.VOLUME_GROUP, settings.VOLUME
    access.on(first, f"pvcreate --quiet /dev/drbd0 && vgcreate --quiet --setautoactivation n {group} /dev/drbd0")
    access.on(first, f"lvcreate --quiet --yes -Wn -Zn --size 64m --name {volume} {group} && "
                     f"lvchange --quiet -an {group}/{volume} && drbdadm secondary {_NAME}")
    wait_up_to_date(60)
    for node in (first, second):
        # The module too: after a power loss it is not there either, so nothing may count on it.
        access.on(node, f"drbdadm down {_NAME} && rmmod drbd && sync")
