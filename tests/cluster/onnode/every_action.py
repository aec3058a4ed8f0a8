#!/usr/bin/python3
"""every_action.py: what each action of an agent costs, whosever it is. The plan comes on standard input, as JSON:

    [{"whose": {"NAME": {"program": PATH, "variables": {...}, "repeat": N}}, "actions": [[ACTION, CODE], ...], "leave": NAME}, ...]

Each agent goes through its actions from beginning to end, in turn with the others of the same entry; then "leave" goes through
those up to the last stop once more, for the entries above it. A monitor counts as one of those that follow each other, when all
that a start leaves to be told has been told. Prints a list of {NAME: {ACTION: cost}}; a cost is the median of [wall ms, CPU ms] of
the process and all that it waits for, the peak of what all its processes had at a time in KiB, and how many programs were executed.
"""

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup/every_action")
_RECURRING = "monitor"


def run(command, variables, code):
    begin = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != code:
            errors.seek(0)
            sys.exit(f"{' '.join(command)}: exit {process.returncode} instead of {code}: {errors.read()[-500:]}")
    return [(time.monotonic() - begin) * 1000, (used.ru_utime + used.ru_stime) * 1000]


def memory(command, variables, code):
    """KiB at the peak. By a control group: a process inherits from this one the peak that it has before its program is there."""
    _GROUP.mkdir()
    try:
        inside = f'echo $$ >{_GROUP}/cgroup.procs && exec "$@"'
        run(["/bin/sh", "-c", inside, "sh", *command], variables, code)
        return int((_GROUP / "memory.peak").read_text()) // 1024
    finally:
        # Processes that stay go back, also those that the first of them still make.
        while "populated 1" in (_GROUP / "cgroup.events").read_text():
            for process in (_GROUP / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    Path("/sys/fs/cgroup/cgroup.procs").write_text(process)
        _GROUP.rmdir()


def programs(command, variables, code):
    """How many programs the action executes. The tracer is nobody to wait for: a process that stays keeps it."""
    with tempfile.NamedTemporaryFile("r") as trace:
        run(["strace", "-D", "-f", "-qq", "-e", "trace=execve", "-o", trace.name, *command], variables, code)
        return len(re.findall(r"execve\(.*= 0$", trace.read(), re.MULTILINE))


def cycle(one, actions, how):
    """All actions in order; of an action that comes twice, the first counts."""
    found = {}
    for action, code in actions:
        if action == _RECURRING:
            run([one["program"], action], one["variables"], code)
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
        counted, peaks = (cycle(entry["whose"][name], entry["actions"], how) for how in (programs, memory))
        costs[name] = {action: [*(statistics.median(column) for column in zip(*(one[action] for one in rounds[name]))),
                                peaks[action], count] for action, count in counted.items()}
    *stay, _ = entry["actions"]
    cycle(entry["whose"][entry["leave"]], stay, run)
    return costs


def main():
    found = []
    for entry in json.load(sys.stdin):
        found.append(measured(entry))
    print(json.dumps(found))


main()
