#!/usr/bin/python3
"""every_action.py: what each action of an agent costs, whosever it is. The plan comes on standard input, as JSON:

    [{"whose": {"NAME": {"program": PATH, "variables": {...}, "repeat": N}}, "actions": [[ACTION, CODE], ...], "leave": NAME}, ...]

Each agent goes through its actions from beginning to end, in turn with the others of the same entry; then "leave" goes through
those up to the last stop once more, for the entries above it. Prints a list of {NAME: {ACTION: cost}}; a cost is the median of
[wall ms, CPU ms, peak KiB], of the process and all that it waits for, and how many programs were executed.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time


def run(command, variables, code):
    begin = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != code:
            errors.seek(0)
            sys.exit(f"{' '.join(command)}: exit {process.returncode} instead of {code}: {errors.read()[-500:]}")
    return [(time.monotonic() - begin) * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss]


def programs(command, variables, code):
    """How many programs the action executes. The tracer is nobody to wait for: a process that stays keeps it."""
    with tempfile.NamedTemporaryFile("r") as trace:
        run(["strace", "-D", "-f", "-qq", "-e", "trace=execve", "-o", trace.name, *command], variables, code)
        return len(re.findall(r"execve\(.*= 0$", trace.read(), re.MULTILINE))


def cycle(one, actions, how):
    """All actions in order; of an action that comes twice, the first counts."""
    found = {}
    for action, code in actions:
        result = how([one["program"], action], one["variables"], code)
        found.setdefault(action, result)
    return found


def measured(entry):
    names = list(entry["whose"])
    rounds = {name: [] for name in names}
    for number in range(max(one["repeat"] for one in entry["whose"].values())):
        for name in names:
            if number < entry["whose"][name]["repeat"]:
                rounds[name].append(cycle(entry["whose"][name], entry["actions"], run))
    costs = {}
    for name in names:
        counted = cycle(entry["whose"][name], entry["actions"], programs)
        costs[name] = {action: [*(statistics.median(column) for column in zip(*(one[action] for one in rounds[name]))), count]
                       for action, count in counted.items()}
    *stay, _ = entry["actions"]
    cycle(entry["whose"][entry["leave"]], stay, run)
    return costs


def main():
    found = []
    for entry in json.load(sys.stdin):
        found.append(measured(entry))
    print(json.dumps(found))


main()
