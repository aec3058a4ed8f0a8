"""Demotes a DRBD device that a program has open, and lets go of it in the middle. Prints what happened as JSON."""

import json
import os
import select
import subprocess
import sys
import time

_HOLDER = "import signal, sys; kept = open(sys.argv[1], 'rb'); print('open', flush=True); signal.pause()"
_REFUSED = "held open by someone"  # drbd_state.c, 8.4: drbd_set_st_err_str


def _hold(device):
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, device], stdout=subprocess.PIPE, text=True)
    if holder.stdout.readline() != "open\n":
        sys.exit(f"{device} cannot be opened")
    return holder


def _refusals(log, seconds, enough):
    """How often the kernel refuses within that time, or until it has so often."""
    count = 0
    deadline = time.monotonic() + seconds
    while count < enough and (left := deadline - time.monotonic()) > 0:
        if select.select([log], [], [], left)[0]:
            count += _REFUSED in os.read(log, 8192).decode(errors="replace")
    return count


def run(device, command, seconds):
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    holder = _hold(device)
    demote = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    first = _refusals(log, 30, 1)
    more = _refusals(log, seconds, 1000)
    began = time.monotonic()
    holder.kill()
    holder.wait()
    released = time.monotonic()
    errors = demote.communicate()[1]
    return {"refused": first + more, "seconds": seconds, "holder": holder.pid, "code": demote.returncode,
            "release_ms": (released - began) * 1000, "demote_ms": (time.monotonic() - released) * 1000, "errors": errors}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], sys.argv[2], float(sys.argv[3]))))
