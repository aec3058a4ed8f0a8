# Needs the stack. Proves that somebody else's broken file in /etc/drbd.d harms nothing: our monitors go on, the storage moves
# there and back, a replica starts, and its resync is not stopped by the kernel's handlers. With --agents shell the monitors
# fail and the cluster stops the storage: shown too.

from sanlab import access, cluster, settings, stack
from sanlab.waiting import Failure, say, wait_until

LONG = True

_FILE = "/etc/drbd.d/broken.res"
# drbdadm of 8.4 takes the end of a file for the missing brace, and does not mind "resource broken {".
_BROKEN = "resource broken { nonsense; "


def run(lab):
    first = lab.active()
    second = lab.other(first)
    for node in settings.NODES:
        access.on(node, f"echo '{_BROKEN}' >{_FILE}")
    if "broken.res" not in (said := access.on(first, f"drbdadm sh-dev {settings.DRBD_RESOURCE} 2>&1 || true")):
        raise Failure(f"drbdadm does not mind the broken file: {said}")

    if lab.agents == "shell":
        wait_until("the stock agent's monitor to fail", lambda: not lab.stack.serves(first), 180, 2)
        seen = cluster.view(first).failures()
        say("  with the stock agent the storage is stopped: " + "; ".join(f"{failed.key}: {failed.reason}" for failed in seen))
        for node in settings.NODES:
            access.on(node, f"rm {_FILE}")
        cluster.clean_up(first, stack.REPLICA)
        lab.wait_complete()
        return

    lab.standby(first, True)
    lab.wait_moved(second)
    # The replica is taken down there, and made again with the file still broken.
    lab.standby(first, False)
    lab.wait_complete()
    # What the kernel's handlers read, on both nodes: without it the resync would not have begun.
    part = f"/run/resource-agents/san-drbd-{settings.DRBD_RESOURCE}.conf"
    for node in settings.NODES:
        if (used := access.on(node, "readlink /run/drbd/drbd-minor-0.conf").strip()) != part:
            raise Failure(f"handlers on {node} read {used}, not {part}")
    say("  read instead of /etc/drbd.conf: " + " ".join(access.on(first, f"cat {part}").split()))
    if failed := cluster.view(first).failures():
        raise Failure(f"something failed: {failed}")
    for node in settings.NODES:
        access.on(node, f"rm {_FILE}")
