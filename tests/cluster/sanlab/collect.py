"""What a failed scenario leaves behind for its reader."""

import shutil
import time
from pathlib import Path

from . import access, settings
from .waiting import Failure

_ASKED = {
    "cib.xml": "cibadmin --query",
    "crm_mon": "crm_mon -1 --inactive --show-detail --failcounts",
    "journal": "journalctl --no-pager --output=short-iso-precise --boot",
    "dmesg": "dmesg",
    "configfs": "find /sys/kernel/config/target; grep -r . /sys/kernel/config/target 2>/dev/null",
    "drbd": "cat /proc/drbd; drbdsetup-84 show",
    "devices": "dmsetup info; dmsetup table; ls -l /dev/mapper /dev/drbd*",
    "network": "ip address; ip route; ss -tnap",
    "processes": "ps -eo pid,ppid,stat,etimes,wchan:24,args",
}


def everything(name, entries, place):
    """Writes all there is to know to a new folder and returns its path."""
    target = settings.ARTEFACTS / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    target.mkdir(parents=True)
    (target / "events").write_text("".join(f"{entry}\n" for entry in entries))
    if place.exists():
        shutil.copytree(place, target, dirs_exist_ok=True,
                        ignore=lambda folder, names: [name for name in names if (Path(folder) / name).is_socket()])
    for node in settings.NODES:
        folder = target / node.name
        folder.mkdir()
        for log in ("console", "ipmi.log"):
            if node.file(log).exists():
                shutil.copy(node.file(log), folder / log)
        _ask(node, folder)
    return target


def _ask(node, folder):
    access.forget(node)  # it may hang on a connection from before a power loss
    if not access.connect(node):
        (folder / "unreachable").write_text("this node did not answer when the scenario had failed\n")
        return
    for file, command in _ASKED.items():
        try:
            (folder / file).write_text(access.on(node, f"{command} 2>&1", check=False, timeout=60))
        except Failure as failure:
            (folder / file).write_text(f"{failure}\n")
