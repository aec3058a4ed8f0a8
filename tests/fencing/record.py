"""Makes tests/data/cib/states anew: CIBs as Pacemaker's own tools write them.

Needs pacemaker-cli-utils and crmsh; Debian 12's (2.1.5 and 4.4.1) have made those that are there. crmsh writes the
configuration, crm_simulate lets a cluster of it run for a while, loses nodes, and fences them. Membership that
crm_simulate does not know (a node that is joining, or was never seen; times in place of
words, as feature set 3.18 has them) is edited in.

    python3 record.py
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

STATES = Path(__file__).resolve().parent.parent / "data" / "cib" / "states"

_EMPTY = ('<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">'
          "<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>")

_WITH_HISTORY = {"online", "group", "three-online"}  # nobody reads what the resources did: elsewhere it is left out

_SERVICES = """\
primitive p_lvm_san ocf:heartbeat:LVM-activate params vgname=vg_san vg_access_mode=system_id op monitor interval=30
primitive p_ip_san ocf:heartbeat:IPaddr2 params ip=192.0.2.100 cidr_netmask=24 nic=eth2 op monitor interval=30
group g_san p_lvm_san p_ip_san
"""


def drbd(name, resource, words=("Master", "Slave")):
    return (f"primitive {name} ocf:linbit:drbd params drbd_resource={resource} "
            f"op monitor interval=29 role={words[0]} timeout=20 op monitor interval=31 role={words[1]} timeout=20\n")


def configuration(nodes=("alice", "bob"), stonith=True, startup=None, replica=None, words=("Master", "Slave")):
    """In the language of crm configure."""
    text = ""
    for number, node in enumerate(nodes, 1):
        text += f"node {number}: {node} attributes site=site{number}\n"
        if stonith:
            text += (f"primitive fence_{number} stonith:fence_ipmilan params pcmk_host_list={node} ip=192.0.2.1 "
                     f"ipport={6230 + number} username=fencer lanplus=true op monitor interval=3600 timeout=180\n"
                     f"location fence_{number}_elsewhere fence_{number} -inf: {node}\n")
    text += replica or (drbd("p_drbd_san", "r0", words) +
                        f"clone ms_drbd_san p_drbd_san meta promotable=true promoted-max=1 promoted-node-max=1 "
                        f"clone-max={len(nodes)} notify=true interleave=true\n")
    text += _SERVICES
    text += f"colocation c_san inf: g_san ms_drbd_san:{words[0]}\n"
    text += "order o_san Mandatory: ms_drbd_san:promote g_san:start\n"
    text += f"property have-watchdog=false stonith-enabled={'true' if stonith else 'false'} no-quorum-policy=stop"
    return text + (f" startup-fencing={startup}\n" if startup else "\n")


class State:
    """One CIB in a file, changed by Pacemaker's tools."""

    def __init__(self, text, nodes=("alice", "bob")):
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "cib.xml"
        self._file.write_text(_EMPTY)
        self._nodes = nodes
        self.run("crm", "-F", "configure", "load", "update", "-", text=text)
        self.run("cibadmin", "--modify", "--xml-text", '<cib dc-uuid="1" have-quorum="1"/>')

    def run(self, *command, text=None):
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False,
                              env={**os.environ, "CIB_file": str(self._file)})
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.returncode}: {done.stdout}{done.stderr}")
        return self

    def simulate(self, *options):
        return self.run("crm_simulate", "--xml-file", str(self._file), "--simulate", *options,
                        "--save-output", str(self._file))

    def up(self, scores, instance="p_drbd_san"):
        """All nodes online, and the resource promoted on the first one."""
        self.simulate(*(word for node in self._nodes for word in ("--node-up", node)))
        for number, score in enumerate(scores, 1):
            self.run("cibadmin", "--modify", "--scope", "status", "--allow-create", "--xml-text",
                     f'<node_state id="{number}"><transient_attributes id="{number}"><instance_attributes '
                     f'id="status-{number}"><nvpair id="status-{number}-master-{instance}" '
                     f'name="master-{instance}" value="{score}"/></instance_attributes></transient_attributes>'
                     "</node_state>")
        return self.simulate()

    def edit(self, pattern, replacement):
        text = self._file.read_text()
        changed = re.sub(pattern, replacement, text)
        if changed == text:
            sys.exit(f"nothing of {pattern}")
        self._file.write_text(changed)
        return self

    def node_state(self, node, **attributes):
        """Membership in other words; None takes an attribute away."""
        for name, value in attributes.items():
            new = "" if value is None else f' {name}="{value}"'
            if not new or f"{new} " not in re.search(rf'<node_state [^>]*uname="{node}"[^>]*', self._file.read_text())[0] + " ":
                self.edit(rf'(<node_state [^>]*uname="{node}"[^>]*?) {name}="[^"]*"', rf"\g<1>{new}")
        return self

    def unseen(self, node):
        return self.edit(rf'(?s)\s*<node_state [^>]*uname="{node}".*?</node_state>', "")

    def constraint(self, nodes, numbered=False, role="Master", prefix="drbd-fence-by-handler-r0", clone="ms_drbd_san"):
        """As crm-fence-peer.sh writes it, or with ids of nodes as crm-fence-peer.9.sh."""
        expressions = "".join(
            f'<expression attribute="#uname" operation="ne" value="{node}" '
            f'id="{prefix}-expr-{f"{number}-" if numbered else ""}{clone}"/>' for number, node in nodes.items())
        return self.run("cibadmin", "--create", "--scope", "constraints", "--xml-text",
                        f'<rsc_location rsc="{clone}" id="{prefix}-{clone}"><rule role="{role}" score="-INFINITY" '
                        f'id="{prefix}-rule-{clone}">{expressions}</rule></rsc_location>')

    def save(self, name):
        # When a file was made is nobody's business.
        text = re.sub(r"(?s)\s*<lrm .*?</lrm>", "", self._file.read_text()) if name not in _WITH_HISTORY else (
            self._file.read_text())
        text = re.sub(r' (cib-last-written|execution-date|crm-debug-origin)="[^"]*"', "", text)
        (STATES / f"{name}.xml").write_text(text)
        print(name)
        return self


def two(**options):
    return State(configuration(**options)).up((10000, 10000))


def main():
    STATES.mkdir(parents=True, exist_ok=True)
    two().save("online")
    two().simulate("--node-fail", "bob").save("fenced")  # the transition has fenced it
    two().node_state("bob", in_ccm="false", crmd="offline").save("unclean")
    two().node_state("bob", join="pending").save("pending")
    two().node_state("bob", in_ccm="false", crmd="online").save("leaving")
    two().node_state("bob", in_ccm="false", crmd="offline", expected=None).save("nobody-expects")
    two().node_state("bob", join="banned", crmd="offline").save("banned")
    two().unseen("bob").save("unseen")
    two(startup="false").unseen("bob").save("unseen-no-startup-fencing")
    two(stonith=False).save("online-no-stonith")
    two(stonith=False).node_state("bob", in_ccm="false", crmd="offline").save("lost-no-stonith")
    two().edit(' have-quorum="1"', ' have-quorum="0"').save("no-quorum")
    two().edit(' dc-uuid="1"', "").save("no-dc")
    two().constraint({0: "alice"}).save("own-constraint")
    two().constraint({0: "alice"}, numbered=True).save("own-constraint-9")
    two().constraint({0: "bob"}).save("peers-constraint")
    two().constraint({0: "alice"}, role="Promoted").save("own-constraint-promoted")
    two(words=("Promoted", "Unpromoted")).save("promoted")
    two().node_state("bob", in_ccm="0", crmd="0", expected="down", join="down").node_state(
        "alice", in_ccm="1763740800", crmd="1763740805").save("fenced-times")
    two().node_state("bob", in_ccm="1763740801", crmd="1763740806").node_state(
        "alice", in_ccm="1763740800", crmd="1763740805").save("online-times")
    State(configuration(replica=drbd("p_drbd_san", "r0") +
                        "ms ms_drbd_san p_drbd_san meta master-max=1 clone-max=2 notify=true\n")
          ).up((10000, 10000)).save("master-element")
    State(configuration(replica=drbd("p_drbd_a", "r0") + drbd("p_drbd_b", "r1") +
                        "group g_drbd p_drbd_a p_drbd_b\nclone ms_drbd_san g_drbd meta promotable=true "
                        "promoted-max=1 clone-max=2 notify=true interleave=true\n")
          ).up((10000, 10000), "p_drbd_a").save("group")
    State(configuration(replica=drbd("p_drbd_a", "r0") + drbd("p_drbd_b", "r1") +
                        "group g_drbd p_drbd_a p_drbd_b\nclone ms_drbd_san g_drbd meta promotable=true "
                        "promoted-max=1 clone-max=2 notify=true interleave=true\n")
          ).up((10000, 10000), "p_drbd_a").constraint({0: "alice"}).save("group-one-fenced")
    State(configuration(replica="rsc_template t_drbd ocf:linbit:drbd params drbd_resource=r0 op monitor interval=29 "
                        "role=Master op monitor interval=31 role=Slave\nprimitive p_drbd_san @t_drbd\n"
                        "clone ms_drbd_san p_drbd_san meta promotable=true promoted-max=1 clone-max=2 notify=true "
                        "interleave=true\n")).up((10000, 10000)).save("template")
    names = ("Alice", "bob.example.com")
    State(configuration(nodes=names), names).up((10000, 10000)).save("other-names")
    names = ("alice", "bob", "carol")

    def three():
        return State(configuration(nodes=names), names).up((10000, 10000, 10000))

    three().save("three-online")
    three().simulate("--node-fail", "carol").save("three-one-fenced")
    three().node_state("carol", in_ccm="false", crmd="offline").save("three-one-unclean")
    three().constraint({0: "alice", 1: "bob"}, numbered=True).save("three-carol-excluded")
    three().constraint({0: "alice"}, numbered=True).save("three-others-excluded")
    three().constraint({2: "carol"}, numbered=True).save("three-carol-only")


if __name__ == "__main__":
    main()
