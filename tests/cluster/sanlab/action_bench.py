"""What every action of every agent costs, ours beside the shell agent's and a program that does nothing: a table, never a test."""

import json

from . import access, agent, beginning, settings
from .waiting import Failure, say, step

_REPEAT = {"ours": 7, "shell": 2, "empty": 7}  # the shell agents' target takes a quarter of a minute for a start
_SHELL = "/usr/lib/ocf/resource.d/heartbeat"
_INTERVAL, _RESOURCES = 10, 100  # seconds between monitors, and of how many

_ACTIONS = [["validate-all", 0], ["start", 0], ["monitor", 0], ["stop", 0]]
_REPLICA = [["validate-all", 0], ["start", 0], ["monitor", 0], ["promote", 0], ["demote", 0], ["promote", 0], ["stop", 0]]
_PORTAL = f"{settings.ALICE.address(settings.DATA)}:{settings.PORT}"

# Each needs what stands before it. Parameters of both, and more of the shell agent's. portblock and MailTo are in tests/bench: the
# shell agents need programs that the nodes do not have.
_AGENTS = (
    ("drbd", {"drbd_resource": settings.DRBD_RESOURCE, "ignore_missing_notifications": "true"}, {}, _REPLICA),
    ("LVM", {"volgrpname": settings.VOLUME_GROUP}, {}, _ACTIONS),
    ("iSCSITarget", {"iqn": settings.IQN}, {"implementation": "lio-t", "portals": _PORTAL}, _ACTIONS),
    ("iSCSILogicalUnit", {"target_iqn": settings.IQN, "lun": str(settings.LUN),
                          "path": f"/dev/{settings.VOLUME_GROUP}/{settings.VOLUME}", "scsi_sn": "sanlab01"},
     {"implementation": "lio-t"}, _ACTIONS),
    ("IPaddr2", {"ip": settings.SERVICE_ADDRESS, "cidr_netmask": "24", "nic": "eth2"}, {}, _ACTIONS),
)


def _variables(name, parameters):
    found = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
             "OCF_RESOURCE_INSTANCE": f"bench_{name}", "OCF_RESKEY_CRM_meta_timeout": "300000",
             "OCF_RESKEY_CRM_meta_interval": f"{_INTERVAL}000", "HA_LOGFACILITY": "none", "HA_RSCTMP": "/run/resource-agents",
             "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    found |= {f"OCF_RESKEY_{key}": value for key, value in parameters.items()}
    return found | ({key: str(value) for key, value in agent.CLONE.items()} if name == "drbd" else {})


def _plan():
    plan = []
    for name, parameters, more, actions in _AGENTS:
        folder = agent.STOCK if name == "drbd" else _SHELL
        plan.append({
            "whose": {
                "shell": {"program": f"{folder}/{name}", "variables": _variables(name, parameters | more),
                          "repeat": _REPEAT["shell"]},
                "ours": {"program": f"{agent.FOLDER}/{name}", "variables": _variables(name, parameters),
                         "repeat": _REPEAT["ours"]},
                "empty": {"program": f"/root/bench_empty_{name}", "variables": {}, "repeat": _REPEAT["empty"]},
            }, "actions": actions, "leave": "ours"})
    return plan


def run(saved, options):
    if not options.build:
        raise Failure("this bench needs --build, for the programs that do nothing")
    node, peer = settings.ALICE, settings.BOB
    beginning.restore(saved, options.tree)
    access.push(settings.HERE / "onnode/every_action.py", node, "/root/every_action.py")
    for name, *_ in _AGENTS:
        access.push(options.build / f"tests/bench/bench_empty_{name}", node, f"/root/bench_empty_{name}")
    agent.must(peer, agent.DRBD[0], "start", agent.DRBD[1])
    with step("every action of every agent"):
        found = json.loads(access.on(node, "python3 /root/every_action.py", stdin=json.dumps(_plan()), timeout=3600))
    say(f"{'':32}{'shell agent':^38}{'ours':^38}{'empty':>8}{'shell/ours':>12}{'ours/empty':>12}")
    columns = f"{'wall ms':>9}{'CPU ms':>9}{'programs':>10}{'MiB':>7}   "
    say(f"{'':32}{columns}{columns}{'CPU ms':>8}{'wall':>12}{'CPU':>12}")
    for (name, _, _, actions), costs in zip(_AGENTS, found):
        for action in dict.fromkeys(action for action, _ in actions):
            _row(f"{name} {action}", *(costs[whose][action] for whose in ("shell", "ours", "empty")))
    say(f"{_RESOURCES} resources of each, a monitor of each every {_INTERVAL} s, as a share of one processor:")
    for (name, *_), costs in zip(_AGENTS, found):
        shares = (f"{costs[whose]['monitor'][1] * _RESOURCES / _INTERVAL / 10:6.1f} %" for whose in ("shell", "ours", "empty"))
        say(f"{name:32}{'   '.join(f'{whose} {share}' for whose, share in zip(('shell', 'ours', 'empty'), shares))}")


def _row(title, shell, ours, empty):
    def cells(cost):
        wall, used, peak, programs = cost
        return f"{wall:9.0f}{used:9.0f}{programs:>10}{peak / 1024:7.1f}   "
    say(f"{title:32}{cells(shell)}{cells(ours)}{empty[1]:8.0f}{shell[0] / ours[0]:11.1f}x{ours[1] / empty[1]:11.2f}x")
