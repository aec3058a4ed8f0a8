# Needs strace on the nodes. Proves that a monitor is one process: of a running stack, every agent's monitor executes one
# program, itself, and forks nothing.

import re

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False
_TRACE = "/run/lab-monitor.trace"


def run(_):
    node = settings.ALICE
    agent.start(node, *agent.STACK)
    for name, parameters in agent.STACK:
        expected = 8 if name == "drbd" else 0
        command = agent.command(name, "monitor", parameters, interval=10000)
        code = access.on(node, f"strace -f -e trace=process -o {_TRACE} {command} >/dev/null 2>&1; echo $?").strip()
        trace = access.on(node, f"cat {_TRACE}")
        # strace runs env, which becomes the agent: what counts begins with the agent's own execve.
        own = trace[trace.index(f'execve("{agent.FOLDER}/{name}"') + 1:]
        executed = 1 + len(re.findall(r"\bexecve(?:at)?\(", own))
        forked = len(re.findall(r"\b(?:fork|vfork|clone|clone3)\(", own))
        say(f"  {name}: exit {code}, {executed} program, {forked} forks")
        if int(code) != expected or executed != 1 or forked != 0:
            raise Failure(f"monitor of {name}: exit {code} instead of {expected}, {executed} programs, {forked} forks")
