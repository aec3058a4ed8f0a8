"""What Pacemaker thinks, and asking it for things.

Each call of crm_mon or crmsh costs an emulated node from half a second to several: ask seldom, and let crm_resource
--wait do the waiting on the node.
"""

import xml.etree.ElementTree as xml
from dataclasses import dataclass

from . import access
from .waiting import Failure, wait_until


@dataclass(frozen=True)
class Failed_action:
    """One line of crm_mon's failed actions."""

    key: str  # resource_operation_interval
    node: str
    code: str
    reason: str


class View:
    """What crm_mon shows at one moment."""

    def __init__(self, text):
        self._tree = xml.fromstring(text)

    def online(self):
        return {node.get("name") for node in self._tree.iterfind("nodes/node") if node.get("online") == "true"
                and node.get("pending") == "false" and node.get("unclean") == "false"}

    def has_leader(self):
        found = self._tree.find("summary/current_dc")
        return found is not None and found.get("present") == "true"

    def failures(self):
        return [Failed_action(entry.get("op_key"), entry.get("node"), entry.get("exitstatus"),
                              entry.get("exitreason") or entry.get("status"))
                for entry in self._tree.iterfind("failures/failure")]

    def _resources(self, name):
        return [found for found in self._tree.iter("resource") if found.get("id").split(":")[0] == name]

    def where(self, name, role="Started"):
        """Names of the nodes on which a resource has that role."""
        return [node.get("name") for found in self._resources(name) for node in found.iterfind("node")
                if found.get("role") == role]

    def promoted(self, name):
        return self.where(name, "Promoted") or self.where(name, "Master")

    def copies(self, name):
        """On how many nodes a cloned resource is active, in whichever role."""
        return sum(1 for found in self._resources(name) if found.get("active") == "true")


def view(node):
    return View(access.on(node, "crm_mon -1 --output-as=xml --inactive"))


def show(node):
    """crm_mon as a person reads it."""
    return access.on(node, "crm_mon -1 --inactive")


def wait_formed(node, timeout=300):
    """Waits until both nodes are members and one of them leads."""
    def formed():
        try:
            seen = view(node)
        except Failure:  # the daemons are not up yet
            return False
        return len(seen.online()) == 2 and seen.has_leader()
    wait_until("two members and a leader", formed, timeout, 3)


def wait_idle(node, timeout=600):
    """Waits until the cluster has nothing left to do."""
    access.on(node, f"crm_resource --wait --timeout={timeout}s", timeout=timeout + 60)


def load(node, configuration):
    """Adds to the configuration, in the language of crm configure."""
    access.on(node, "cat >/run/lab.crm && crm --force configure load update /run/lab.crm", stdin=configuration)


def standby(node, target, on=True):
    access.on(node, f"crm_attribute --node {target} --name standby --update {'on' if on else 'off'}")


def move(node, resource, target):
    """Moves a resource by hand; forget_move takes back the constraint that this leaves."""
    access.on(node, f"crm_resource --resource {resource} --move --node {target}")


def forget_move(node, resource):
    access.on(node, f"crm_resource --resource {resource} --clear")


def clean_up(node, resource):
    """Forgets the failures of a resource."""
    access.on(node, f"crm_resource --resource {resource} --cleanup")
