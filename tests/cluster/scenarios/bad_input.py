# Needs nothing. Proves that bad input is answered with the code of OCF and a reason that names the parameter, its value and
# what was expected, that nothing is left behind, and that stop succeeds all the same.

from sanlab import agent, settings
from sanlab.waiting import Failure, say

STACK = False

# agent, parameter, value, exit code of start, its meaning in OCF
CASES = (
    (agent.DRBD, "drbd_resource", "nosuch", 5),
    (agent.DRBD, "drbd_resource", "no such", 6),
    (agent.GROUP, "volgrpname", "vg_nosuch", 2),
    (agent.GROUP, "volgrpname", "vg/nosuch", 6),
    (agent.TARGET, "iqn", "iqn.san", 6),
    (agent.TARGET, "portals", "10.0.0.300:3260", 6),
    (agent.TARGET, "implementation", "tapes", 6),
    (agent.TARGET, "iqn", "iqn.2026-01.org.example:a_b", 6),
    (agent.TARGET, "additional_parameters", "authentication=0", 6),
    (agent.TARGET, "iser_portals", "0.0.0.0:3260", 2),
    (agent.TARGET, "rtpi", "0", 6),
    (agent.UNIT, "target_iqn", "san", 6),
    (agent.UNIT, "lun", "one", 6),
    (agent.UNIT, "path", "/dev/nosuch", 2),
    (agent.UNIT, "identity", "node", 6),
    (agent.UNIT, "block_size", "513", 6),
    (agent.UNIT, "liot_bstype", "pscsi", 6),
    (agent.UNIT, "additional_parameters", "block_size=512", 6),
    (agent.UNIT, "alua_group_id", "0", 6),
    (agent.ADDRESS, "ip", "10.0.0.300", 6),
    (agent.ADDRESS, "cidr_netmask", "33", 6),
    (agent.ADDRESS, "nic", "eth9", 2),
    (agent.PORTS, "portno", "iscsi", 6),
    (agent.PORTS, "direction", "up", 6),
    (("portblock", agent.PORTS[1] | {"action": "unblock"}), "tickle_dir", "/nosuch", 5),
)


def run(_):
    node = settings.ALICE
    # The logical unit's path is looked at only when its target is there.
    agent.must(node, agent.TARGET[0], "start", agent.TARGET[1])
    for (name, good), parameter, value, code in CASES:
        parameters = good | {parameter: value}
        result = agent.call(node, name, "start", parameters)
        say(f"  {name} {parameter}={value}: exit {result.code}, {result.reason}")
        if result.code != code:
            raise Failure(f"{name} {parameter}={value}: exit {result.code} instead of {code}: {result.errors}")
        if f'{parameter}="{value}"' not in result.reason or "expected" not in result.reason:
            raise Failure(f"{name} {parameter}={value}: the reason does not say it: {result.reason!r}")
        agent.must(node, name, "stop", parameters)
        if name != "iSCSITarget":
            agent.must(node, name, "monitor", good, code=7)
    agent.must(node, agent.TARGET[0], "stop", agent.TARGET[1])
