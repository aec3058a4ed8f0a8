"""Runs a command and ends with its status, after all that it has left behind in the background has ended too."""

import ctypes
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: orphans become children of this process

ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
command = subprocess.Popen(sys.argv[1:])
status = command.wait()
try:
    while True:
        os.waitpid(-1, 0)
except ChildProcessError:
    sys.exit(status)
