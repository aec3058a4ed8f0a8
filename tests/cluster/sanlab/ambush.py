"""Killing an agent in the middle of its start, surely and exactly once.

Looking for the process and then killing it is a race, which a short-lived agent wins. So the agent's file is replaced
by one that runs it under strace, which sends SIGKILL at a chosen system call: the n-th directory that it makes. In
configfs a directory is an object, so this is between two steps of building a target.
"""

import re

from . import access
from .waiting import Failure

_ARMED = "/run/lab-ambush"
_TRACE = "/run/lab-ambush.trace"

_STAND_IN = """\
#!/bin/sh
if [ "$1" = start ] && rm {armed} 2>/dev/null; then
    exec strace -f -o {trace} -e trace=mkdir,mkdirat -e inject=mkdir,mkdirat:signal=KILL:when={count} {real} "$@"
fi
exec {real} "$@"
"""


class Ambush:
    """Kills the next start of one agent on one node."""

    def __init__(self, node, provider, agent, count):
        self._node = node
        self._agent = f"/usr/lib/ocf/resource.d/{provider}/{agent}"
        # Hidden, so that it is no agent itself.
        self._real = f"/usr/lib/ocf/resource.d/{provider}/.{agent}.real"
        stand_in = _STAND_IN.format(armed=_ARMED, trace=_TRACE, count=count, real=self._real)
        access.on(node, f"rm -f {_TRACE}; touch {_ARMED}; mv {self._agent} {self._real} && cat >{self._agent} && "
                        f"chmod 755 {self._agent}", stdin=stand_in)

    def lift(self):
        """Puts the agent back, and returns the last thing that it had made and the call in which it died."""
        trace = access.on(self._node, f"mv {self._real} {self._agent}; rm -f {_ARMED}; cat {_TRACE} || true")
        if "killed by SIGKILL" not in trace:
            raise Failure(f"{self._agent} was not killed in its start: {trace.strip() or 'it was not started'}")
        made = re.findall(r"^\d+ +(mkdir.*\)) += 0$", trace, re.MULTILINE)
        if not made:
            raise Failure(f"{self._agent} was killed before it had made anything: {trace.strip()}")
        died = re.findall(r"^\d+ +(mkdir.*) += \?", trace, re.MULTILINE)
        return made[-1], died[-1] if died else "the next one"
