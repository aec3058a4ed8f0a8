#!/usr/bin/python3
"""volume_monitors.py EMPTY REPEAT COUNT...: what a monitor of a volume group costs when it has so many volumes, ours beside
the shell agents' and a program that does nothing but load the same, in turn.

Prints one line of JSON. Each cost is [wall, CPU] in milliseconds, the median, of the process and all that it waits for.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

GROUP = "vg_bench"
FOLDER = "/usr/lib/ocf/resource.d"
AGENTS = {"ours": f"{FOLDER}/san/LVM", "LVM": f"{FOLDER}/heartbeat/LVM", "LVM-activate": f"{FOLDER}/heartbeat/LVM-activate"}
ENVIRONMENT = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
               "OCF_RESOURCE_INSTANCE": "p_bench", "HA_LOGFACILITY": "none", "OCF_RESKEY_CRM_meta_timeout": "60000",
               "OCF_RESKEY_CRM_meta_interval": "10000", "OCF_RESKEY_volgrpname": GROUP, "OCF_RESKEY_vgname": GROUP,
               "OCF_RESKEY_vg_access_mode": "none", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def cost(command):
    """Not by subprocess, whose own work in the child would count."""
    nothing = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in range(3)]
    begin = time.monotonic()
    process = os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=nothing)
    _, status, used = os.wait4(process, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: exit {os.waitstatus_to_exitcode(status)}")
    return [(time.monotonic() - begin) * 1000, (used.ru_utime + used.ru_stime) * 1000]


def programs(command):
    """How many programs a monitor executes."""
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace.name, *command], env=ENVIRONMENT,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return len(re.findall(r"execve\(.*= 0$", trace.read(), re.MULTILINE))


def create():
    for command in (f"vgcreate -qq -y --systemid= --setautoactivation n {GROUP} /dev/ram0",
                    f"lvcreate -qq -y -an -Wn -Zn -l 1 -n lv1 {GROUP}", f"{AGENTS['ours']} start"):
        subprocess.run(command.split(), env=ENVIRONMENT, stderr=subprocess.DEVNULL, check=True)


def add(first, last):
    """More volumes of the group, as device-mapper and udev know them: LVM would take minutes to make them."""
    ours = subprocess.run(["dmsetup", "info", "-c", "--noheadings", "-o", "uuid", f"{GROUP}-lv1"], capture_output=True,
                          text=True, check=True).stdout.strip()
    for number in range(first, last + 1):
        subprocess.run(["dmsetup", "create", f"{GROUP}-lv{number}", "-u", ours[:-4] + f"{number:04}", "--table",
                        f"0 8 linear 1:0 {8192 + 8 * number}"], check=True)
    subprocess.run(["udevadm", "settle"], check=True)


def main():
    empty, repeat, *counts = sys.argv[1], *map(int, sys.argv[2:])
    commands = {name: [agent, "monitor"] for name, agent in AGENTS.items()} | {"empty": [empty]}
    create()
    found, known = {}, 1
    for count in counts:
        add(known + 1, count)
        known = max(known, count)
        rounds = {name: [] for name in commands}
        for _ in range(repeat):
            # In changing order: who comes after the shell finds its caches.
            for name, command in random.sample(list(commands.items()), len(commands)):
                rounds[name].append(cost(command))
        found[count] = {name: [statistics.median(column) for column in zip(*measured)] for name, measured in rounds.items()}
        found[count]["programs"] = {name: programs(command) for name, command in commands.items()}
    print(json.dumps(found))


main()
