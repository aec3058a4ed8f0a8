"""The lab's networks: three bridges in a namespace of their own.

      host end .1 ──┬── mgmt ──┬── alice-mgmt (eth0)      ssh, ring 0, power switch
                    │          └── bob-mgmt
                    ├── repl ──┬── alice-repl (eth1)      DRBD, ring 1
                    │          └── bob-repl
                    └── data ──┬── alice-data (eth2)      initiators
                               └── bob-data

The namespace has no way out and nothing of it is visible on the host. Whatever runs in it is the lab's, which makes
clearing up after a killed run simple: end every process that is in there.
"""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

from . import settings
from .waiting import Failure, run, wait_until

_HANDLE = Path("/run/netns") / settings.NAMESPACE


def exists():
    return _HANDLE.exists()


def make():
    """Makes namespace, bridges and taps; the namespace must not exist."""
    run("ip", "netns", "add", settings.NAMESPACE)
    inside = ("ip", "-netns", settings.NAMESPACE)
    run(*inside, "link", "set", "lo", "up")
    for network in settings.NETWORKS:
        bridge = network.short
        run(*inside, "link", "add", bridge, "type", "bridge", "stp_state", "0", "forward_delay", "0")
        run(*inside, "address", "add", f"{network.host}/24", "dev", bridge)
        run(*inside, "link", "set", bridge, "up")
        for node in settings.NODES:
            tap = node.tap(network)
            run(*inside, "tuntap", "add", "dev", tap, "mode", "tap")
            run(*inside, "link", "set", tap, "master", bridge, "up")


_home = None  # the namespace of the host, once this process has left it


def enter():
    """Moves this process, and what it starts from now on, into the namespace."""
    global _home
    if _home is None:
        _home = open("/proc/thread-self/ns/net", "rb")
    with open(_HANDLE, "rb") as handle:
        _move(handle)


@contextlib.contextmanager
def outside():
    """For a while in the host's namespace again, where the package sources are."""
    if _home:
        _move(_home)
    try:
        yield
    finally:
        if _home:
            enter()


def _move(handle):
    if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
        raise Failure(f"cannot change the network namespace: {os.strerror(ctypes.get_errno())}")


def _others_inside():
    listed = run("ip", "netns", "pids", settings.NAMESPACE, check=False).split()
    return [int(pid) for pid in listed if int(pid) != os.getpid()]


def remove():
    """Ends everything in the namespace and removes it. Says nothing if there is none."""
    if not exists():
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in _others_inside():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        try:
            wait_until("the end of the lab's processes", lambda: not _others_inside(), 3, 0.1)
            break
        except Failure:
            continue
    run("ip", "netns", "delete", settings.NAMESPACE)
