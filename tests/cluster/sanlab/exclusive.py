"""One lab of a name at a time: two would share a namespace."""

import contextlib
import fcntl
import os

from . import session, settings
from .waiting import Failure, say


def lab():
    """Holds the lab for this process. Waits while another process holds it."""
    return _held(settings.LOCK, "the lab")


def making():
    """The same for whoever makes an image or a snapshot, which all labs share."""
    return _held(settings.CACHE / "making.lock", "what labs begin with")


def build_root():
    """The same for the roots that programs are compiled in, which needs no lab."""
    return _held(settings.CACHE / "build-root.lock", "the root that programs are compiled in")


@contextlib.contextmanager
def _held(name, what):
    settings.CACHE.mkdir(parents=True, exist_ok=True)
    with open(name, "a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            say(f"process {lock.read().strip()} is using {what}; waiting until it is done")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def refuse_if_kept():
    """A lab that somebody left running on purpose is not a leftover."""
    if session.kept():
        raise Failure("a lab is running and was left so on purpose: 'tests/cluster/lab down' ends it")
