# Needs the agents of both. Proves the change of provider on a running cluster: san-migrate gives the shell agents' storage
# ours while an initiator writes, ours move it to the other node and back, and san-migrate returns it to the shell agents.
# Neither change starts, stops, promotes or demotes anything, and no initiator loses its session.

import xml.etree.ElementTree as xml

from sanlab import access, initiator, settings, stack
from sanlab.waiting import Failure, say

LONG = True  # the start of the shell agents' storage alone takes minutes; tests/namespace/migrate.py is run each time
STACK = stack.SHELL
_PARTS = (stack.REPLICA, *stack.MEMBERS)


def agents(node):
    """Providers of what is configured, by id."""
    resources = xml.fromstring(access.on(node, "cibadmin --query --scope resources"))
    return {found.get("id"): found.get("provider") for found in resources.iter("primitive") if found.get("id") in _PARTS}


def migrate(lab, node, *words):
    """Changes the provider from that node; nothing is done to the storage meanwhile."""
    with lab.undisturbed():
        said = access.on(node, f"san-migrate --apply {' '.join(words)}")
        say("".join(f"  {line}\n" for line in said.strip().split("\n")).rstrip())


def whole(node, active):
    """What san-status says, from the node that does not serve: all nodes are asked."""
    text = access.on(node, "san-status || true")
    say(text)
    for line in ("fencing", "has failed", "not asked", "does not show"):
        if line in text:
            raise Failure(f"san-status does not find it whole: '{line}'")
    for line in (f"promoted on {active}", settings.SERVICE_ADDRESS, settings.IQN, initiator.NAME):
        if line not in text:
            raise Failure(f"san-status does not show '{line}'")


def run(lab):
    access.let_nodes_in()
    first = lab.active()
    second = lab.other(first)
    migrate(lab, first)
    if set(agents(first).values()) != {"san"}:
        raise Failure(f"these agents are there: {agents(first)}")

    lab.standby(first, True)
    lab.wait_moved(second)
    lab.standby(first, False)
    lab.wait_complete()
    whole(first, second)

    migrate(lab, first, "--back")
    if agents(first) != {name: "linbit" if name == stack.REPLICA else "heartbeat" for name in _PARTS}:
        raise Failure(f"these agents are there: {agents(first)}")
    lab.standby(second, True)
    lab.wait_moved(first)
    lab.standby(second, False)
    lab.wait_complete()
