# Needs the initiator and the RAM disk of brd on the nodes. Proves that a unit which is a promotable clone is one disk on
# both nodes, by its NAA name; that the promoted node says active and reads and writes, while the other one says standby and
# refuses both; that the roles change places when a node is put on standby, and that nothing of it stays behind. The RAM
# disks stand for storage that both nodes can open: what is on them is not looked at.

import hashlib
import json

from sanlab import access, cluster, initiator, settings, stack
from sanlab.waiting import Failure, say, wait_until

STACK = False

_LUN = 1
_ACTIVE, _STANDBY = 0, 2
# SPC-4: NOT READY, logical unit not accessible, target port in standby state.
_REFUSED = "sense 2/04/0b"

_CLONES = f"""\
primitive p_target ocf:san:iSCSITarget params iqn={settings.IQN} rtpi="alice:11 bob:12" \
  op monitor interval=10s timeout=60s op start timeout=120s op stop timeout=120s
primitive p_unit ocf:san:iSCSILogicalUnit params target_iqn={settings.IQN} lun={_LUN} path=/dev/ram0 \
  identity=cluster alua_group_id="alice:1 bob:2" \
  op monitor interval=10s timeout=60s op monitor interval=9s timeout=60s role=Promoted \
  op start timeout=120s op stop timeout=120s op promote timeout=60s op demote timeout=60s
clone c_target p_target meta interleave=true
clone c_unit p_unit meta promotable=true promoted-max=1 interleave=true
order o_unit Mandatory: c_target c_unit
"""


def expect(lab, node, state):
    seen = initiator.path(lab.program, f"iscsi://{node.address(settings.DATA)}:{settings.PORT}/{settings.IQN}/{_LUN}")
    say(f"  {node}: {json.dumps(seen)}")
    digits = hashlib.md5(f"{settings.IQN}\n{_LUN}".encode()).hexdigest()
    if seen["naa"] != f"6001405{digits[:25]}":
        raise Failure(f"{node} shows the NAA name {seen['naa']}")
    groups = [(group["id"], group["state"], len(group["ports"])) for group in seen["groups"]]
    if groups != [(node.number, state, 1)]:
        raise Failure(f"{node} reports {groups} instead of its own group in state {state}")
    for what in ("read", "write"):
        if (seen[what] == "good") != (state == _ACTIVE) or (state == _STANDBY and _REFUSED not in seen[what]):
            raise Failure(f"{node} in state {state} answers a {what} with {seen[what]!r}")


def promoted():
    return [settings.node(name) for name in cluster.view(settings.ALICE).promoted("p_unit")]


def run(lab):
    for node in settings.NODES:
        access.on(node, "modprobe brd rd_nr=1 rd_size=16384")
    cluster.load(settings.ALICE, _CLONES)
    cluster.wait_idle(settings.ALICE)
    wait_until("one promoted unit", lambda: len(promoted()) == 1, 60, 2)
    first = promoted()[0]
    second = settings.peer(first)
    expect(lab, first, _ACTIVE)
    expect(lab, second, _STANDBY)

    cluster.standby(first, first)
    wait_until(f"{second} to be promoted", lambda: promoted() == [second], 180, 2)
    cluster.wait_idle(settings.ALICE)
    expect(lab, second, _ACTIVE)
    left = [path for path in stack.configfs(first).split() if "/iblock_" in path or settings.IQN in path]
    if left:
        raise Failure(f"{first} keeps {left}")
    cluster.standby(first, first, on=False)
    cluster.wait_idle(settings.ALICE)
    expect(lab, second, _ACTIVE)
    expect(lab, first, _STANDBY)
    for failure in cluster.view(settings.ALICE).failures():
        raise Failure(f"{failure.key} failed on {failure.node}: {failure.code}: {failure.reason}")
