"""watch_volume.py NAME: says when a mapped device of that name comes and goes, looking every 50 ms, until stdin ends.

Each line is a moment in seconds, and what there is: 1, 0, or "gap" and the longest time between two looks.
"""

import os
import select
import sys
import time

_PERIOD = 0.05


def is_there(name):
    for device in os.listdir("/sys/block"):
        if device.startswith("dm-"):
            try:
                with open(f"/sys/block/{device}/dm/name", encoding="ascii") as file:
                    if file.read().strip() == name:
                        return True
            except OSError:
                pass  # it went away meanwhile
    return False


def main():
    name, before, gap, last = sys.argv[1], None, 0.0, time.time()
    while not select.select([sys.stdin], [], [], _PERIOD)[0]:
        now = is_there(name)
        moment = time.time()
        gap, last = max(gap, moment - last), moment
        if now != before:
            print(moment, int(now), flush=True)
            before = now
    print(last, "gap", gap, flush=True)


main()
