"""What came of the sequences that were played, a row for whose agents, from the lines that campaigns leave."""

import json
import statistics
from collections import defaultdict

_HEAD = ("agents", "sequences", "faults", "fenced", "by hand", "blocks", "longest s", "median s", "broken")


def _drawn(outcome):
    """What two outcomes have in common that were drawn alike."""
    return outcome["seed"], outcome["count"], tuple(outcome["only"])


def _row(agents, outcomes):
    longest = [outcome["longest"] for outcome in outcomes]
    return (agents, len(outcomes), sum(outcome["struck"] for outcome in outcomes),
            sum(outcome["fenced"] for outcome in outcomes), sum(bool(outcome["by_hand"]) for outcome in outcomes),
            sum(outcome["blocks"] for outcome in outcomes), f"{max(longest):.1f}", f"{statistics.median(longest):.1f}",
            sum(bool(outcome["broken"]) for outcome in outcomes))


def _rows(outcomes):
    by_agents = defaultdict(list)
    for outcome in outcomes:
        by_agents[outcome["agents"]].append(outcome)
    return [_row(agents, found) for agents, found in sorted(by_agents.items())]


def _shown(rows):
    return ["".join(f"{cell!s:>11}" for cell in row) for row in (_HEAD, *rows)]


def lines(text):
    """All that were played, the same one as often as it was, and those that more than one have played, as lines for people."""
    outcomes = [json.loads(line) for line in text.splitlines()]
    played = defaultdict(set)
    for outcome in outcomes:
        played[_drawn(outcome)].add(outcome["agents"])
    everyone = {outcome["agents"] for outcome in outcomes} - {"tgt"}
    shown = _shown(_rows(outcomes))
    if len(everyone) > 1 and (shared := [outcome for outcome in outcomes
                                         if isinstance(outcome["seed"], int) and everyone <= played[_drawn(outcome)]]):
        shown += ["", f"the same seeds on {' and '.join(sorted(everyone))}:", *_shown(_rows(shared))]
    return shown
