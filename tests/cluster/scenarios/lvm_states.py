# Needs no stack. Brings volume groups into one state after the other and has the shell agents LVM and LVM-activate, and ours
# under both names, act on them: codes, what is active, tags and owner. A difference must be in the list below, with its reason.

import json
from concurrent.futures import ThreadPoolExecutor

from sanlab import access, settings, volumes
from sanlab.waiting import Failure, say

STACK = False
LONG = True

_PROGRAM = "/root/lvm_states.py"
_LEAST = 60
_AGENTS = [(provider, agent) for provider in ("san", "heartbeat") for agent in ("LVM", "LVM-activate")]

# Why ours does something else.
_ERRORS = "errors of a device are seen by monitor, and stop goes around LVM's commands, which fail then"
_TWICE = "which of both is used is LVM's choice; a node whose lvm.conf lets both be seen is not tried again"
_FOREIGN = "the owner is respected, and start is not tried again on a node where that cannot change"
_NOT_THERE = "a name that this node does not know is an argument that is wrong here, and is named"
_INVALID = "a parameter that no node can take is a configuration error"
_OPEN = "stop ends before its timeout and says who has the volume open"
_NO_TOOLS = "monitor and stop ask device-mapper, and need no command of LVM"
_STOCK = "the tag is put on the group by start, and activation needs no volume_list in lvm.conf"
_KEPT = "a tag that start has not set is not taken away by stop"
_THEIRS = "another tag is the claim of somebody else: it is neither overruled nor taken away"
_OUTSIDE = "what was activated outside of the cluster is shown as running, and not taken over"
_TAG_LOST = "monitor runs no command of LVM, and so does not see tags; the next start sets it again"
_STOPPED = "what is not active at all is not running, and no failure"
_FAULT = "every volume that start has activated has to be active and not suspended"
_EXPORTED = "the group can be imported: this node is not tried again until then"
_NOBODY = "a group without an owner is owned while it runs"
_STRANGER = "a group of a host that is no node of this cluster is not taken from it"
_NODE = "what is wrong with this node's lvm.conf does not forbid the other nodes"
_EMPTY = "volumes may be made later: not a configuration error"
_LISTED = "start does not succeed with nothing active, and names the line that is missing"
_LEFT = "stop takes away what is active, whatever the parameters are"
_LOCK = "the command that is missing is named, and another node is tried"

# By agent and state.
_ON_PURPOSE = {
    ("LVM", "PV answers with errors"): _ERRORS,
    ("LVM", "seen twice, through another device"): _TWICE,
    ("LVM", "foreign owner"): _FOREIGN,
    ("LVM", "exclusive"): _STOCK,
    ("LVM", "exclusive, our tag is there"): f"{_STOCK}; {_KEPT}",
    ("LVM", "exclusive, another tag is there"): _THEIRS,
    ("LVM", "exclusive, active with our tag"): f"{_STOCK}; {_KEPT}",
    ("LVM", "exclusive, active without tag"): _OUTSIDE,
    ("LVM", "exclusive, tag lost while it runs"): _TAG_LOST,
    ("LVM", "no such group"): _NOT_THERE,
    ("LVM", "open on stop"): _OPEN,
    ("LVM", "LVM's tools are gone"): _NO_TOOLS,
    ("LVM", "name that is none"): _INVALID,
    ("LVM-activate", "whole life"): _STOPPED,
    ("LVM-activate", "one volume"): _STOPPED,
    ("LVM-activate", "one volume, the other one is active"): _STOPPED,
    ("LVM-activate", "all deactivated by hand"): _STOPPED,
    ("LVM-activate", "missing PV"): _STOPPED,
    ("LVM-activate", "raid misses a PV on start"): _STOPPED,
    ("LVM-activate", "no such group"): _NOT_THERE,
    ("LVM-activate", "one volume that is not there"): _NOT_THERE,
    ("LVM-activate", "one of two deactivated by hand"): _FAULT,
    ("LVM-activate", "a volume suspended"): _FAULT,
    ("LVM-activate", "PV answers with errors"): _ERRORS,
    ("LVM-activate", "depth 10, PV answers with errors"): _ERRORS,
    ("LVM-activate", "exported group"): _EXPORTED,
    ("LVM-activate", "seen twice, through another device"): _TWICE,
    ("LVM-activate", "group of nobody"): _NOBODY,
    ("LVM-activate", "group of a stranger"): _STRANGER,
    ("LVM-activate", "node without system id"): _NODE,
    ("LVM-activate", "tagging"): _STOCK,
    ("LVM-activate", "tagging, both tags are there"): _KEPT,
    ("LVM-activate", "tagging, another tag is there"): _THEIRS,
    ("LVM-activate", "tagging, active without tag"): _OUTSIDE,
    ("LVM-activate", "access mode that is none, active"): _LEFT,
    ("LVM-activate", "activation mode that is none"): _LEFT,
    ("LVM-activate", "group without volumes"): _EMPTY,
    ("LVM-activate", "open on stop"): _OPEN,
    ("LVM-activate", "volume_list without the group"): _LISTED,
    ("LVM-activate", "LVM's tools are gone"): _NO_TOOLS,
    ("LVM-activate", "lvmlockd, group without lock"): _LOCK,
}


def _act(node):
    """Half of the cases of each agent: both nodes work at once."""
    part = f"{settings.NODES.index(node)} {len(settings.NODES)}"
    return {(provider, agent): json.loads(access.on(node, f"python3 {_PROGRAM} {provider} {agent} {part}", timeout=1800))
            for provider, agent in _AGENTS}


def _compare(agent, shell, ours):
    """How many cases there were, and the differences that nobody has explained."""
    unexplained, used = [], set()
    say(f"  {agent}, {len(ours)} states")
    for name, case in ours.items():
        old, new = shell[name]["seen"], case["seen"]
        if any(step.startswith("cannot be made") for step in (*old, *new)):
            unexplained.append(f"{name}: {old} {new}")
        elif old != new:
            reason = _ON_PURPOSE.get((agent, name), "")
            used.add((agent, name))
            if not reason:
                unexplained.append(name)
            said = "; ".join(filter(None, dict.fromkeys(case["reasons"])))
            say(f"  {name}: {reason or 'WITHOUT A REASON'}\n    shell {', '.join(old)}\n    ours  {', '.join(new)}"
                + (f"\n    \"{said}\"" if said else ""))
        else:
            say(f"  {name}: the same: {', '.join(new)}")
    idle = {key for key in _ON_PURPOSE if key[0] == agent} - used
    return unexplained + [f"a reason for no difference: {name}" for _, name in sorted(idle)]


def run(lab):
    for node in settings.NODES:
        volumes.configure(node, "/dev/ram[012]", "/dev/mapper/lab-pv")
        volumes.load_disks(node, 4)
        access.push(settings.HERE / "onnode/lvm_states.py", node, _PROGRAM)
    found = {key: {} for key in _AGENTS}
    with ThreadPoolExecutor() as both:
        for part in both.map(_act, settings.NODES):
            for key, cases in part.items():
                found[key] |= cases
    for (provider, agent), cases in found.items():
        (lab.place / f"{provider}-{agent}.json").write_text(json.dumps(cases))
    unexplained = []
    for agent in ("LVM", "LVM-activate"):
        unexplained += _compare(agent, found["heartbeat", agent], found["san", agent])
    count = sum(len(cases) for (provider, _), cases in found.items() if provider == "san")
    say(f"  {count} states")
    if unexplained or count < _LEAST:
        raise Failure(f"{count} states; differences without a reason: " + "; ".join(unexplained))
