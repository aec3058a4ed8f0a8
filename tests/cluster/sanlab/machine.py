"""The virtual machines: switching them on and off, pausing, snapshots."""

import json
import os
import signal
import socket
import time

from . import session, settings
from .waiting import Failure, run, wait_until

MEMORY_MIB = 1024
DRBD_DISK = "160M"


def make_disks(node, image):
    """Fresh disks: an overlay on the image, and an empty disk for DRBD to sit on."""
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", f"{image}/node.ext4", node.disk("root"))
    run("qemu-img", "create", "-q", "-f", "qcow2", node.disk("drbd"), DRBD_DISK)


def _command(node, running, snapshot):
    addresses = ",".join(f"{node.address(network)}/24" for network in settings.NETWORKS)
    # norandmaps: QEMU translates a program's code for where it lies, and elsewhere again for each process (measured: an empty
    # program 45 ms of CPU, and 12 ms when every process is laid out alike).
    kernel = (f"console=ttyS0 quiet net.ifnames=0 panic=10 mitigations=off norandmaps systemd.hostname={node} "
              f"systemd.machine_id={node.number:032x} lab.addresses={addresses}")
    # A node that is switched on again must not wake up in another year than its peer.
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(running.guest_time()))
    command = [
        "qemu-system-x86_64", "-name", f"{settings.CLUSTER}-{node}", *running.accelerator,
        "-machine", "q35", "-m", MEMORY_MIB, "-smp", "1", "-nodefaults", "-no-user-config", "-display", "none",
        "-rtc", f"base={clock},clock=vm",
        "-chardev", f"file,id=console,path={node.file('console')},append=on", "-serial", "chardev:console",
        "-qmp", f"unix:{node.file('qmp')},server=on,wait=off",
        "-daemonize", "-pidfile", node.file("pid"),
        "-kernel", f"{running.image}/kernel", "-initrd", f"{running.image}/initramfs", "-append", kernel,
        "-device", "virtio-rng-pci",
        "-drive", f"file={node.disk('root')},if=virtio,format=qcow2",
        "-drive", f"file={node.disk('drbd')},if=virtio,format=qcow2",
    ]
    for network in settings.NETWORKS:
        command += ["-netdev", f"tap,id={network.short},ifname={node.tap(network)},script=no,downscript=no",
                    "-device", f"virtio-net-pci,netdev={network.short},mac={node.mac(network)},romfile="]
    if snapshot:
        command += ["-loadvm", snapshot, "-S"]  # paused, so that both nodes can be let go at once
    return command


def switch_on(node, snapshot=None):
    """Starts the node: from its disks, or paused in the state of a snapshot. Not if it is on already."""
    if not is_on(node):
        node.file("pid").unlink(missing_ok=True)
        run(*_command(node, session.current(), snapshot))


def process(node):
    """The process number of the node's QEMU, or None."""
    try:
        pid = int(node.file("pid").read_text())
        with open(f"/proc/{pid}/cmdline", "rb") as command, open(f"/proc/{pid}/stat", "rb") as status:
            ours = str(node.file("pid")).encode() in command.read()  # the number may be another's by now
            return pid if ours and status.read().rsplit(b")", 1)[1].split()[0] != b"Z" else None
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None


def is_on(node):
    return process(node) is not None


def cut_power(node):
    """Kills the node's QEMU. Returns when nothing of it is left."""
    if pid := process(node):
        os.kill(pid, signal.SIGKILL)
        wait_until(f"the end of {node}", lambda: not is_on(node), 20, 0.05)
        session.note_loss(node)


class Monitor:
    """A conversation with the node's QEMU."""

    def __init__(self, node):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(120)
        self._socket.connect(str(node.file("qmp")))
        self._lines = self._socket.makefile("r")
        self._lines.readline()  # greeting
        self("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lines.close()
        self._socket.close()

    def __call__(self, command, **arguments):
        self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        for line in self._lines:
            answer = json.loads(line)
            if "error" in answer:
                raise Failure(f"QEMU, {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise Failure(f"QEMU ended during {command}")


def pause(node):
    with Monitor(node) as monitor:
        monitor("stop")


def resume(node):
    with Monitor(node) as monitor:
        monitor("cont")


def slow_down(node, operations):
    """Lets the replica's disk do so many reads and writes per second; 0 is as many as it can."""
    with Monitor(node) as monitor:
        monitor("block_set_io_throttle", device="virtio1", bps=0, bps_rd=0, bps_wr=0, iops=operations, iops_rd=0, iops_wr=0)


def save(node, snapshot):
    """Stores memory and disks of the node, which is paused, inside its disks."""
    with Monitor(node) as monitor:
        if trouble := monitor("human-monitor-command", **{"command-line": f"savevm {snapshot}"}):
            raise Failure(f"snapshot of {node}: {trouble.strip()}")
        monitor("quit")
    wait_until(f"the end of {node}", lambda: not is_on(node), 20, 0.05)
