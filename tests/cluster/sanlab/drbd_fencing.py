"""DRBD's fencing: a peer that may lack the latest writes is not promoted, which its handlers ask the cluster for."""

import re

from . import access, settings
from .waiting import Failure

_HANDLERS = {
    "san": """\
        fence-peer "/usr/sbin/san-fence-peer --timeout 120 --dc-timeout 120";
        unfence-peer "/usr/sbin/san-unfence-peer";
        after-resync-target "/usr/sbin/san-unfence-peer";
""",
    "shell": """\
        fence-peer "/usr/lib/drbd/crm-fence-peer.sh --timeout 120 --dc-timeout 120";
        unfence-peer "/usr/lib/drbd/crm-unfence-peer.sh";
        after-resync-target "/usr/lib/drbd/crm-unfence-peer.sh";
""",
}


def _policy(agents):
    """global_common.conf. A resync that makes way for the initiators' writes, as it does by default, takes minutes."""
    return ("global {\n    usage-count no;\n}\ncommon {\n    disk {\n        fencing resource-and-stonith;\n"
            f"        c-min-rate 0;\n    }}\n    handlers {{\n{_HANDLERS[agents]}    }}\n}}\n")


def put_into_force(agents="san"):
    """On both nodes, by the handlers of "san" or "shell", for the resource that the nodes come with."""
    for node in settings.NODES:
        access.on(node, "cat >/etc/drbd.d/global_common.conf", stdin=_policy(agents))
        access.on(node, f"drbdadm adjust {settings.DRBD_RESOURCE}")
        shown = access.on(node, f"drbdsetup show {settings.DRBD_RESOURCE}")
        if not re.search(r"fencing\s+resource-and-stonith", shown):
            raise Failure(f"{node} has not taken the fencing policy: {shown}")
