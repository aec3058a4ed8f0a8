"""Cables that are pulled: one node's end of one network, or one of them for both nodes."""

import contextlib

from . import access, settings
from .waiting import run


def _set(node, network, state):
    run("ip", "link", "set", node.tap(network), state)


@contextlib.contextmanager
def off(network, *nodes):
    """Meanwhile nothing comes from or goes to these nodes on that network."""
    if network is settings.MANAGEMENT:
        for node in nodes:  # a connection that is cut would hang until its own timeouts
            access.forget(node)
    for node in nodes:
        _set(node, network, "down")
    try:
        yield
    finally:
        for node in nodes:
            _set(node, network, "up")
        if network is settings.MANAGEMENT:
            for node in nodes:
                access.wait_for(node, 120)
