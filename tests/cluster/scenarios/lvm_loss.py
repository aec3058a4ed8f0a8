# Needs no stack. Proves that the monitor after the loss of a physical volume sees it: one that answers with errors, one that
# was pulled out, one that hangs; at depth 10 also one that only a read finds out about. And that stop succeeds all the same.

from sanlab import access, agent, settings, volumes
from sanlab.waiting import Failure, say

STACK = False

_NODE = settings.ALICE
_MAPPED = "/dev/mapper/lab-pv"
_SECTORS = 32 * 2048
_GOOD = f"0 {_SECTORS} linear 1:0 0"  # /dev/ram0
_BAD = f"0 {_SECTORS} error"
_FLAKY = f"0 {_SECTORS} flakey 1:0 0 0 3600"  # as if it were there, but every read fails


def _row(state, group, code, word="", level=0):
    ours, old, new = volumes.monitors(_NODE, group, level)
    say(f"  {state:42} ours {ours.code}, LVM {old}, LVM-activate {new}  {ours.reason}".rstrip())
    if ours.code != code or word not in ours.reason:
        raise Failure(f"{state}: monitor says {ours.code} {ours.reason!r}, not {code} with {word!r}")


def _table(text, noflush=""):
    access.on(_NODE, f"dmsetup suspend {noflush} lab-pv && dmsetup load lab-pv --table '{text}' && dmsetup resume lab-pv")


def _errors():
    access.on(_NODE, f"dmsetup create lab-pv --table '{_GOOD}' && udevadm settle")
    volumes.create(_NODE, "vg_loss", _MAPPED, "one", "two")
    parameters = {"volgrpname": "vg_loss"}
    agent.must(_NODE, "LVM", "start", parameters)
    _row("healthy", "vg_loss", 0)
    _row("healthy, depth 10", "vg_loss", 0, level=10)
    _table(_BAD)
    _row("physical volume replaced by errors", "vg_loss", 1, "lab-pv answers with errors")
    _table(_GOOD)
    _row("back", "vg_loss", 0)
    _table(_FLAKY)
    _row("reads fail, depth 0", "vg_loss", 0)
    _row("reads fail, depth 10", "vg_loss", 1, "Input/output error", level=10)
    _table(_GOOD)
    access.on(_NODE, "dmsetup suspend lab-pv")
    ours = agent.call(_NODE, "LVM", "monitor", parameters, interval=10000)  # the shell's LVM would hang
    say(f"  {'physical volume suspended':42} ours {ours.code}  {ours.reason}")
    if ours.code != 1 or "lab-pv is suspended" not in ours.reason:
        raise Failure(f"suspended: {ours}")
    access.on(_NODE, "dmsetup resume lab-pv")
    access.on(_NODE, "lvchange --quiet -an vg_loss/two")
    _row("a volume was deactivated by hand", "vg_loss", 1, "vg_loss-two is not active")
    access.on(_NODE, "lvremove --quiet --yes vg_loss/two")
    _row("and then removed from the group", "vg_loss", 0)
    _table(_BAD)
    agent.must(_NODE, "LVM", "stop", parameters)
    _row("stopped on errors", "vg_loss", 7)
    access.on(_NODE, "dmsetup remove --retry lab-pv")


def _pulled():
    access.on(_NODE, "modprobe scsi_debug dev_size_mb=32 && udevadm settle")
    disk = access.on(_NODE, "ls /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:*/block").split()[-1]
    volumes.create(_NODE, "vg_pulled", f"/dev/{disk}", "one")
    agent.must(_NODE, "LVM", "start", {"volgrpname": "vg_pulled"})
    _row("SCSI disk, healthy", "vg_pulled", 0)
    access.on(_NODE, f"echo offline >/sys/block/{disk}/device/state")
    _row("SCSI disk offline", "vg_pulled", 1, "is offline")
    access.on(_NODE, f"echo running >/sys/block/{disk}/device/state; echo 1 >/sys/block/{disk}/device/delete")
    _row("SCSI disk removed", "vg_pulled", 1, "which is gone")
    agent.must(_NODE, "LVM", "stop", {"volgrpname": "vg_pulled"})
    _row("stopped without its disk", "vg_pulled", 7)


def run(_):
    volumes.configure(_NODE, "/dev/mapper/lab-", "/dev/sd")
    volumes.load_disks(_NODE, 1)
    _errors()
    _pulled()
