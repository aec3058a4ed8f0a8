#!/usr/bin/python3
"""many_luns.py COUNT FEW: what actions on a unit cost when a target has 1 to COUNT of them, ours beside the shell agents;
of several at once the shell agents get FEW.

Prints one line of JSON. Each cost is [wall, CPU] in milliseconds, of the process and all that it waits for.
"""

import json
import os
import statistics
import subprocess
import sys
import time

IQN = "iqn.2026-01.org.example:san.bench"
COUNTS = (1, 10, 25, 50, 100)
OURS, SHELL = "san", "heartbeat"
REPEAT = {OURS: 5, SHELL: 1}


def act(provider, agent, instance, action, parameters, code=0):
    """One action as the cluster runs it; its cost."""
    environment = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
                   "OCF_RESOURCE_INSTANCE": instance, "OCF_RESKEY_CRM_meta_timeout": "300000",
                   "OCF_RESKEY_CRM_meta_interval": "10000", "HA_LOGFACILITY": "none", "HA_RSCTMP": "/run/resource-agents",
                   "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OCF_RESKEY_implementation": "lio-t"}
    environment.update({f"OCF_RESKEY_{name}": value for name, value in parameters.items()})
    begin = time.monotonic()
    process = subprocess.Popen([f"/usr/lib/ocf/resource.d/{provider}/{agent}", action], env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != code:
        sys.exit(f"{provider} {agent} {action} of {instance}: exit {process.returncode} instead of {code}")
    return [(time.monotonic() - begin) * 1000, (used.ru_utime + used.ru_stime) * 1000]


def unit(provider, action, number, code=0):
    return act(provider, "iSCSILogicalUnit", f"p_lu_{number}", action,
               {"target_iqn": IQN, "lun": str(number), "path": f"/dev/ram{number - 1}"}, code)


def target(action):
    return act(OURS, "iSCSITarget", "p_target", action, {"iqn": IQN})


def total(costs):
    return [sum(column) for column in zip(*costs)]


def median(costs):
    return [statistics.median(column) for column in zip(*costs)]


def together(provider, count):
    """Of so many units: start of all, then monitor of all, then stop of all."""
    return {action: total(unit(provider, action, number) for number in range(1, count + 1))
            for action in ("start", "monitor", "stop")}


def one_of(count):
    """Of the last one of so many units, the others being there: each action, for each provider."""
    costs = {}
    for provider, repeat in REPEAT.items():
        rounds = [[unit(provider, action, count) for action in ("start", "monitor", "stop")] for _ in range(repeat)]
        costs[provider] = dict(zip(("start", "monitor", "stop"), map(median, zip(*rounds))))
    return costs


def main():
    most, several = map(int, sys.argv[1:])
    subprocess.run(["modprobe", "brd", f"rd_nr={most}", "rd_size=1024"], check=True)
    target("start")
    # The first start of each loads modules and fills the page cache.
    for provider in (OURS, SHELL):
        together(provider, 1)
    few = {provider: together(provider, several) for provider in (OURS, SHELL)}
    everyone = together(OURS, most)
    curve, there = {}, 0
    for count in [count for count in COUNTS if count <= most]:
        for number in range(there + 1, count):
            unit(OURS, "start", number)
        curve[count] = one_of(count)
        unit(OURS, "start", count)
        there = count
    for number in range(1, there + 1):
        unit(OURS, "stop", number)
    target("stop")
    print(json.dumps({"few": several, "of few": few, "all": most, "of all": everyone, "of one": curve}))


main()
