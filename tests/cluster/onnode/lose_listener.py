#!/usr/bin/python3
"""lose_listener.py PORTAL: makes LIO lose a listener, as it does when a process is killed while it makes a portal.

Who makes a portal waits for its thread to start (6.1, iscsit_add_np). On a node with one processor that wait can be hit
for certain: the child that makes the portal runs before all others, its parent before the kernel's thread.
"""

import os
import signal
import sys

IQN = "/sys/kernel/config/target/iscsi/iqn.2026-01.org.example:san.lost"
GROUP = f"{IQN}/tpgt_1"
PARENT, CHILD = 10, 20


def main():
    os.makedirs(GROUP, exist_ok=True)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PARENT))
    wait, ready = os.pipe()
    child = os.fork()
    if child == 0:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(CHILD))
        os.write(ready, b"!")
        os.mkdir(f"{GROUP}/np/{sys.argv[1]}")
        os._exit(0)
    os.read(wait, 1)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    portals = os.listdir(f"{GROUP}/np")
    for portal in portals:
        os.rmdir(f"{GROUP}/np/{portal}")
    os.rmdir(GROUP)
    os.rmdir(IQN)
    return f"the child ended with {status}, and made {portals}" if portals or not os.WIFSIGNALED(status) else 0


sys.exit(main())
