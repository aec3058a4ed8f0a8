# Needs strace on the nodes. Proves that an agent may die at any moment: the target's and the logical unit's agent are
# killed half way through their start. The start fails once, the half-built rest is cleared away, the storage goes on
# where it was, and afterwards the same node can take it over.

from sanlab import cluster, settings, stack
from sanlab.ambush import Ambush
from sanlab.waiting import Failure, say

# Which directory made in configfs is the last that the agent makes.
VICTIMS = ((stack.TARGET, "iSCSITarget", 2), (stack.UNIT, "iSCSILogicalUnit", 2))


def run(lab):
    home = lab.active()
    away = lab.other(home)
    for resource, agent, count in VICTIMS:
        kill_in_start(lab, home, away, resource, Ambush(away, lab.provider, agent, count))

    lab.move(away)
    lab.wait_moved(away)


def kill_in_start(lab, home, away, resource, ambush):
    lab.move(away)
    failed = lab.wait_for_log(rf"Result of start operation for {resource} on {away}: (?!(?i:ok))", away)
    lab.wait_moved(home)

    made = ambush.lift()
    say(f"  {failed.text}; the last thing that the agent had done was {made}")
    if settings.IQN in stack.configfs(away):
        raise Failure(f"half a target was left behind on {away}")
    lab.forget_move()
    cluster.clean_up(home, resource)
    lab.wait_complete()
