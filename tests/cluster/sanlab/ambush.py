"""Killing an agent in the middle of its start, surely and exactly once.

Looking for the process and then killing it is a race, which a short-lived agent wins. So the agent's file is replaced
by one that runs it under strace, which stops it at each directory that it makes, and lets it go on until the n-th one in
configfs. There a directory is an object, so this is between two steps of building a target. What is stopped there, and the agent itself
if that was a child of it, is killed then, as the kernel kills what eats all memory.
"""

import re

from . import access
from .waiting import Failure

_ARMED = "/run/lab-ambush"
_TRACE = "/run/lab-ambush.trace"

_STAND_IN = """\
#!/bin/bash
if [ "$1" = watch ]; then
    # Each line of strace begins with the process's number; the first one is about the agent itself.
    while read -r process line; do
        : "${{agent:=$process}}"
        echo "$process $line"
        case $line in
            mkdir*'"/sys/kernel/config/'*' = 0') : $((made += 1)) ;;
            *'stopped by SIGSTOP'*)
                if [ "${{made:-0}}" -lt {count} ]; then
                    kill -CONT "$process"
                elif kill -KILL "$agent"; then
                    kill -KILL "$process"
                    # strace may not live to say so: it tells of a stop before it has seen to it (PTRACE_LISTEN).
                    echo "$agent ambush: killed by SIGKILL"
                fi ;;
        esac
    done >{trace}
elif [ "$1" = start ] && rm {armed} 2>/dev/null; then
    exec strace -f -o "|$0 watch" -e trace=execve,mkdir,mkdirat -e inject=mkdir,mkdirat:signal=STOP \\
        {real} "$@"
else
    exec {real} "$@"
fi
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
        """Puts the agent back, and returns the last thing that it had made."""
        trace = access.on(self._node, f"mv {self._real} {self._agent}; rm -f {_ARMED}; cat {_TRACE} || true")
        if "killed by SIGKILL" not in trace:
            raise Failure(f"{self._agent} was not killed in its start: {trace.strip() or 'it was not started'}")
        agent = trace.split(maxsplit=1)[0]
        if not re.search(rf"^{agent} .*killed by SIGKILL", trace, re.MULTILINE):
            raise Failure(f"a child of {self._agent} was killed, but not the agent: {trace.strip()}")
        made = re.findall(r"^\d+ +(mkdir.*\)) += 0$", trace, re.MULTILINE)
        if not made:
            raise Failure(f"{self._agent} was killed before it had made anything: {trace.strip()}")
        return made[-1]
