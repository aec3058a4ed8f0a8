"""How a lab begins and ends: from nothing to two running nodes, and back to nothing."""

import time

from . import access, exclusive, fencing, image, machine, network, session, settings, snapshot
from .waiting import run, step


def clear():
    """Removes whatever an earlier lab has left, however it ended."""
    network.remove()
    session.end()


def fresh_network():
    """Nothing of an earlier lab, and a new namespace that this process is in."""
    clear()
    network.make()
    network.enter()


def prepare(suite):
    """Image and snapshot of a release, from the cache or new. Leaves nothing running."""
    with exclusive.making():
        image.build(suite)  # while this process is still in the host's network: it needs the package sources
        wanted = snapshot.Formed(suite)
        if not wanted.ready():
            fresh_network()
            try:
                wanted.make()
            finally:
                clear()
        return wanted


def restore(saved, tree=None):
    """Both nodes as they were at the snapshot, running and connected, with an install tree laid over them."""
    fresh_network()
    with step("restore of both nodes"):
        session.begin(session.Session(saved.image, saved.accelerator, time.time() - saved.taken()))
        for disk in saved.place.glob("*.qcow2"):
            run("cp", "--sparse=always", "--reflink=auto", disk, settings.WORK)
        for node in settings.NODES:
            machine.switch_on(node, snapshot.NAME)
        # Again, now exactly: the nodes' clocks go on from where they stood.
        session.begin(session.Session(saved.image, saved.accelerator, time.time() - saved.taken()))
        for node in settings.NODES:
            machine.resume(node)
        fencing.start()
        for node in settings.NODES:
            access.wait_for(node, 60)
            if tree:
                access.copy_tree(tree, node)
