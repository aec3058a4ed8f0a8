"""What came of the sequences that were played, a row for whose agents, from the lines that campaigns leave."""

import json
import statistics
from collections import defaultdict

_HEAD = ("agents", "sequences", "faults", "fenced", "by hand", "blocks", "longest s", "median s", "broken")


def read(text):
    """The last outcome of each sequence of each agents: who plays one again has mended something. A replay counts as its sequence."""
    found = {}
    for line in map(json.loads, text.splitlines()):
        steps = json.dumps(line["steps"], sort_keys=True)
        found.pop((line["agents"], steps), None)
        found[line["agents"], steps] = line
    return found


def _row(agents, outcomes):
    longest = [outcome["longest"] for outcome in outcomes]
    return (agents, len(outcomes), sum(outcome.get("struck", len(outcome["steps"])) for outcome in outcomes),
            sum(outcome["fenced"] for outcome in outcomes), sum(bool(outcome["by_hand"]) for outcome in outcomes),
            sum(outcome["blocks"] for outcome in outcomes), f"{max(longest):.1f}", f"{statistics.median(longest):.1f}",
            sum(bool(outcome["broken"]) for outcome in outcomes))


def _rows(found):
    by_agents = defaultdict(list)
    for (agents, _), outcome in found.items():
        by_agents[agents].append(outcome)
    return [_row(agents, outcomes) for agents, outcomes in sorted(by_agents.items())]


def _shown(rows):
    return ["".join(f"{cell!s:>11}" for cell in row) for row in (_HEAD, *rows)]


def lines(text):
    """All sequences, and those that more than one have played, as lines for people."""
    found = read(text)
    played = defaultdict(set)
    for agents, steps in found:
        played[steps].add(agents)
    everyone = {agents for agents, _ in found if agents != "tgt"}
    shared = {key: outcome for key, outcome in found.items() if len(everyone) > 1 and everyone <= played[key[1]]}
    shown = _shown(_rows(found))
    if shared:
        shown += ["", f"the same sequences on {' and '.join(sorted(everyone))}:", *_shown(_rows(shared))]
    return shown
