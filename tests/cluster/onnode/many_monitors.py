#!/usr/bin/python3
"""many_monitors.py COUNT <JSON: [[executable, {variable: value}, exit code], ...]: each of these so often, one after the other
as fast as they run.

Prints a line of JSON for each: how many seconds, and what is there before and after that a monitor could leave.
"""

import json
import os
import stat
import subprocess
import sys
import time

# What agents are told to write to, and where the kernel shows what it keeps for them.
_FILES = ("/run", "/tmp", "/var/tmp", "/var/lib", "/var/lock", "/dev/shm", "/etc", "/sys/kernel/config")
# They live while the cluster runs.
_LIVING = ("/run/systemd/", "/run/log/", "/run/udev/", "/run/user/", "/run/crm", "/run/dbus", "/var/lib/systemd/",
           "/var/lib/pacemaker/", "/dev/shm/qb-")
# What DRBD's monitor has told the cluster: written anew each minute.
_RENEWED = "/run/resource-agents/san-score-"
_KERNEL = {
    "device-mapper": "dmsetup table; dmsetup info -c --noheadings -o name,open",
    "replica": "drbdsetup show",
    "rules": "nft list ruleset",
    "addresses": "ip -o address; ip route show table all",
    "listeners": "ss -Hltun | sort",
    "IPC": "cat /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg",
}
# Slabs of what a process may leave behind in the kernel; what it caches of files is given back when it is wanted.
_MEMORY = "SUnreclaim"
SETTLED = 30


def files():
    found = {}
    for top in _FILES:
        for directory, names, others in os.walk(top):
            for name in names + others:
                path = os.path.join(directory, name)
                if path.startswith(_LIVING):
                    continue
                try:
                    status = os.lstat(path)
                except FileNotFoundError:
                    continue
                # Files of configfs have the size of a page, and are made anew when they are looked at.
                kept = stat.S_ISREG(status.st_mode) and not path.startswith("/sys")
                same = [] if path.startswith(_RENEWED) else [status.st_ino, status.st_mtime_ns]
                found[path] = [status.st_mode, *([status.st_size, *same] if kept else [])]
    return found


def kernel():
    return {what: subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False).stdout
            for what, command in _KERNEL.items()}


def memory():
    """KiB."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(_MEMORY))


def run(executable, variables, wanted):
    nothing = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in range(3)]
    process = os.posix_spawn(executable, [executable, "monitor"], variables, file_actions=nothing)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if code != wanted:
        sys.exit(f"{executable} monitor: exit {code} and not {wanted}")


def main():
    count = int(sys.argv[1])
    for resource in json.load(sys.stdin):
        for _ in range(SETTLED):
            run(*resource)
        before, used, begin = {**files(), **kernel()}, memory(), time.monotonic()
        for _ in range(count):
            run(*resource)
        seconds, more, after = time.monotonic() - begin, memory() - used, {**files(), **kernel()}
        left = [f"{key}: {before.get(key)} became {after.get(key)}" for key in sorted({*before, *after})
                if before.get(key) != after.get(key)]
        print(json.dumps({"program": resource[0], "seconds": seconds, "kib": more, "left": left}), flush=True)


main()
