# Needs the initiator. Proves that a target made with default parameters can be logged in to: the shell agent's has no
# portal, and monitor does not notice.

import subprocess

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False


def run(lab):
    node = settings.ALICE
    agent.start(node, agent.DRBD, agent.GROUP, agent.TARGET, agent.UNIT)
    address = node.address(settings.DATA)
    url = f"iscsi://{address}:{settings.PORT}/{settings.IQN}/{settings.LUN}"
    done = subprocess.run([lab.program, "login", "--url", url], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Failure(f"login to {url}: exit {done.returncode}: {done.stderr.strip()}")
    say(f"  {done.stdout.strip()}")

    # And the truth about the opposite: without its portal the target is broken, and monitor says so.
    portals = f"/sys/kernel/config/target/iscsi/{settings.IQN}/tpgt_1/np"
    access.on(node, f"rmdir {portals}/*")
    result = agent.call(node, agent.TARGET[0], "monitor", agent.TARGET[1], interval=10000)
    if result.code != 1 or "portal" not in result.reason:
        raise Failure(f"monitor of a target without portal: exit {result.code}, {result.reason!r}")
    say(f"  without its portal: exit 1, {result.reason}")
