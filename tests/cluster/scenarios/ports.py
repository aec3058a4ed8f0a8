# Needs the stack. Proves portblock at both ends of its group under Pacemaker: the storage moves there and back with the ports
# closed meanwhile, what an administrator flushes while they are open changes nothing, and what is flushed while they are
# closed is noticed and mended.

from sanlab import access, agent, cluster, settings, stack
from sanlab.waiting import Failure, say, wait_until

_DOOR = " ".join(f"{name}={value}" for name, value in (agent.PORTS[1] | {"direction": "both"}).items() if name != "action")
_PAIR = f"""\
primitive p_block ocf:san:portblock params {_DOOR} action=block op monitor interval=10s timeout=10s
primitive p_unblock ocf:san:portblock params {_DOOR} action=unblock reset_local_on_unblock_stop=true \
  tickle_dir=/var/lib/tickles op monitor interval=10s timeout=10s
group {stack.GROUP} p_block {" ".join(stack.MEMBERS)} p_unblock
"""
# A door that nobody opens.
_CLOSED = """\
primitive p_closed ocf:san:portblock params protocol=tcp portno=3261 action=block op monitor interval=10s timeout=10s
"""


def _rules(node):
    return access.on(node, "nft list ruleset")


def run(lab):
    for node in settings.NODES:
        access.on(node, "mkdir -p /var/lib/tickles")
    first = lab.active()
    second = lab.other(first)
    # At once: outside the group p_unblock may open the ports before p_block closes them, and nobody opens them again.
    cluster.load(settings.ALICE, _PAIR)
    cluster.wait_idle(settings.ALICE)
    lab.initiator.wait_writing(180)

    for source, target in ((first, second), (second, first)):
        lab.standby(source, True)
        lab.wait_moved(target)
        for node in settings.NODES:
            if "san-portblock" in (left := _rules(node)):
                raise Failure(f"{node} keeps ports closed: {left}")
        access.on(target, "nft flush ruleset")
        lab.standby(source, False)
        lab.wait_complete()
    for name in ("p_block", "p_unblock"):
        if cluster.view(settings.ALICE).where(name) != [first.name]:
            raise Failure(f"{name} is not where the group is")

    cluster.load(settings.ALICE, _CLOSED)
    cluster.wait_idle(settings.ALICE)
    where = settings.node(cluster.view(settings.ALICE).where("p_closed")[0])
    access.on(where, "nft flush ruleset")
    # Its next monitor fails, and the cluster starts it again.
    wait_until("the flushed ports to be closed again", lambda: "dport 3261 drop" in _rules(where), 120, 2)
    seen = cluster.view(settings.ALICE).failures()
    if not any("is open" in failure.reason for failure in seen):
        raise Failure(f"the cluster does not show why: {seen}")
    say(f"  {seen[0].key} on {seen[0].node}: {seen[0].reason}")
    cluster.clean_up(settings.ALICE, "p_closed")
    cluster.wait_idle(settings.ALICE)
