#!/usr/bin/python3
"""dead_device.py ACTION...: a device-mapper device, on a file of the node, that can be made to hang or to fail.

make, suspend, resume, fail, mend, remove.
"""

import subprocess
import sys

NAME = "lab-dead"
FILE = "/root/dead.img"
SECTORS = 131072


def run(*words, table=None):
    return subprocess.run(words, input=table, check=True, capture_output=True, text=True).stdout.strip()


def load(table):
    # No flush: whatever is on its way is not waited for.
    run("dmsetup", "suspend", "--nolockfs", "--noflush", NAME)
    run("dmsetup", "load", NAME, table=table)
    run("dmsetup", "resume", NAME)


def linear():
    loop = run("losetup", "--noheadings", "--output", "NAME", "--associated", FILE)
    return f"0 {SECTORS} linear {loop} 0\n"


def make():
    run("truncate", f"--size={SECTORS * 512}", FILE)
    run("losetup", "--find", FILE)
    run("dmsetup", "create", NAME, table=linear())


ACTIONS = {
    "make": make,
    "suspend": lambda: run("dmsetup", "suspend", "--nolockfs", "--noflush", NAME),
    "resume": lambda: run("dmsetup", "resume", NAME),
    "fail": lambda: load(f"0 {SECTORS} error\n"),
    "mend": lambda: load(linear()),
    "remove": lambda: run("dmsetup", "remove", "--retry", NAME),
}

for action in sys.argv[1:]:
    ACTIONS[action]()
