# Needs python3 and the RAM disk of brd on the nodes. Proves that LVM and LVM-activate may be killed at any system call that
# changes something or starts a program, with SAN_SWEEP=all at any at all, of start and of stop: stop succeeds, leaves nothing
# active, and no tag or system id that was not there before; and the next start makes all of it again.

from sanlab import settings, volumes
from scenarios.kill_sweep import sweep_both

STACK = False
LONG = True


def run(_):
    for node in settings.NODES:
        volumes.configure(node, "/dev/ram")
        volumes.load_disks(node, 1)
    sweep_both("LVM", "LVM-activate")
