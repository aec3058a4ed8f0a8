# Needs ocf-tester on the nodes. Proves that every agent passes the field's own conformance test on a real kernel, each on
# top of those it needs.

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False


def run(_):
    node = settings.ALICE
    agent.must(settings.BOB, agent.DRBD[0], "start", agent.DRBD[1])
    clone = agent.PORTS[1] | {"CRM_meta_promotable": "true"}
    for name, parameters in (*agent.STACK, (agent.PORTS[0], clone), ("drbd-attr", {})):
        options = " ".join(f"-o {key}={value}" for key, value in parameters.items())
        output = access.on(node, f"ocf-tester -n by_hand_{name} {options} {agent.FOLDER}/{name} 2>&1; echo \"code $?\"",
                           timeout=900)
        if "passed all tests" not in output or not output.rstrip().endswith("code 0"):
            raise Failure(f"ocf-tester {name}: {output[-3000:]}")
        say(f"  {name}: passed all tests")
        agent.start(node, (name, parameters))
