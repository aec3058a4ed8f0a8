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

# By agent and state, why ours does something else.
_ON_PURPOSE = {}


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
