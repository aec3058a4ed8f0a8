"""Runs a command and ends with its status, after all that it has left behind in the background has ended too."""

import ctypes
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def adopt_orphans():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def wait_for_all():
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


if __name__ == "__main__":
    adopt_orphans()
    status = subprocess.Popen(sys.argv[1:]).wait()
    wait_for_all()
    sys.exit(status)
