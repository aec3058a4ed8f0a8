"""Our agents called by hand, with the environment that the cluster's executor gives them."""

import re
import shlex
from dataclasses import dataclass

from . import access, settings
from .waiting import Failure

FOLDER = "/usr/lib/ocf/resource.d/san"
STOCK = "/usr/lib/ocf/resource.d/linbit"  # DRBD's own agent

# What the cluster says of a promotable clone.
CLONE = {f"OCF_RESKEY_CRM_meta_{name}": value for name, value in
         {"notify": "true", "clone_max": 2, "clone_node_max": 1, "master_max": 1, "master_node_max": 1,
          "promoted_max": 1, "promoted_node_max": 1}.items()}

DRBD = ("drbd", {"drbd_resource": settings.DRBD_RESOURCE, "ignore_missing_notifications": "true"})
GROUP = ("LVM", {"volgrpname": settings.VOLUME_GROUP})
ACTIVATION = ("LVM-activate", {"vgname": settings.VOLUME_GROUP, "vg_access_mode": "none"})
TARGET = ("iSCSITarget", {"iqn": settings.IQN})
UNIT = ("iSCSILogicalUnit", {"target_iqn": settings.IQN, "lun": str(settings.LUN),
                             "path": f"/dev/{settings.VOLUME_GROUP}/{settings.VOLUME}"})
ADDRESS = ("IPaddr2", {"ip": settings.SERVICE_ADDRESS, "cidr_netmask": "24", "nic": "eth2"})
PORTS = ("portblock", {"ip": settings.SERVICE_ADDRESS, "protocol": "tcp", "portno": str(settings.PORT), "action": "block"})

# Each needs what stands before it.
STACK = (DRBD, GROUP, TARGET, UNIT, ADDRESS, PORTS)


@dataclass(frozen=True)
class Result:
    """How an action ended."""

    code: int
    reason: str  # the last exit reason, as the cluster would show it
    errors: str  # all of stderr


def variables(agent, parameters, interval=0, timeout=120000, **more):
    """All that an action finds in its environment; times in milliseconds."""
    found = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": 1, "OCF_RA_VERSION_MINOR": 1,
             "OCF_RESOURCE_INSTANCE": f"by_hand_{agent}", "OCF_EXIT_REASON_PREFIX": "ocf-exit-reason:",
             "OCF_RESKEY_CRM_meta_timeout": timeout, "OCF_RESKEY_CRM_meta_interval": interval,
             "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **more}
    found.update({f"OCF_RESKEY_{name}": value for name, value in parameters.items()})
    return {name: str(value) for name, value in found.items()}


def command(agent, action, parameters, interval=0, timeout=120000, folder=FOLDER, **more):
    """The shell command that runs one action, its times in milliseconds; `more` are further variables."""
    words = [f"{name}={shlex.quote(value)}" for name, value in variables(agent, parameters, interval, timeout, **more).items()]
    return f"env -i {' '.join(words)} {folder}/{agent} {action}"


def call(node, agent, action, parameters, interval=0, timeout=120000, folder=FOLDER, **more):
    """Runs one action and tells how it ended. The folder is whose agent it is."""
    line = command(agent, action, parameters, interval, timeout, folder, **more)
    output = access.on(node, f"{line} 2>&1 >/dev/null; echo \"code $?\"")
    errors, _, code = output.rpartition("code ")
    reasons = re.findall(r"ocf-exit-reason:(.*)", errors)
    return Result(int(code), reasons[-1] if reasons else "", errors.strip())


def must(node, agent, action, parameters, code=0):
    """As call, but any other exit code ends the scenario."""
    result = call(node, agent, action, parameters)
    if result.code != code:
        raise Failure(f"{agent} {action} on {node}: exit {result.code} instead of {code}: {result.errors}")
    return result


def start(node, *wanted):
    """Starts agents in the order of the stack, DRBD promoted."""
    for agent, parameters in wanted:
        must(node, agent, "start", parameters)
        if agent == "drbd":
            must(node, agent, "promote", parameters)
