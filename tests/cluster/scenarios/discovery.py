# Needs iscsi-ls on the host. Proves that a node whose target has an account of discovery tells its targets to initiators
# that show it and to nobody else, that login goes on without, and that it ends with the target.

import subprocess

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False

_ENFORCED = "/sys/kernel/config/target/iscsi/discovery_auth/enforce_discovery_auth"
_ACCOUNT = {"discovery_username": "finder", "discovery_password": "onlyfordiscovery"}


def targets(node, account=""):
    """What iscsi-ls prints, whatever becomes of it."""
    return subprocess.run(["iscsi-ls", f"iscsi://{account}{node.address(settings.DATA)}:{settings.PORT}"],
                          capture_output=True, text=True, timeout=60, check=False).stdout


def run(_):
    node = settings.ALICE
    name, parameters = agent.TARGET
    agent.must(node, name, "start", parameters)
    if settings.IQN not in targets(node):
        raise Failure("a target without the account is not told to everybody")
    agent.must(node, name, "stop", parameters)

    guarded = parameters | _ACCOUNT
    agent.must(node, name, "start", guarded)
    agent.must(node, name, "monitor", guarded)
    shown = {account: settings.IQN in targets(node, account)
             for account in ("", "finder%wrongpassword1@", "finder%onlyfordiscovery@")}
    say(f"  told to: {shown}")
    if list(shown.values()) != [False, False, True]:
        raise Failure(f"the target is told to {[account for account, told in shown.items() if told]}")
    other = agent.call(node, name, "start", guarded | {"iqn": f"{settings.IQN}.second", "discovery_username": "seeker"})
    if other.code != 2 or "expected finder" not in other.reason:
        raise Failure(f"another account is not refused: exit {other.code}, {other.reason!r}")
    agent.must(node, name, "stop", guarded)
    if (enforced := access.on(node, f"cat {_ENFORCED}").strip()) != "0":
        raise Failure(f"after the last target discovery is still guarded: {enforced!r}")
