"""What Pacemaker does with each stack when something happens: python3 -m templates.moves

crm_simulate runs on the reviewed configurations. Its actions and the places afterwards are compared with reviewed ones, and
with what a move has to be: away before there, demoted before promoted, and all of it on the other node.
SAN_UPDATE_GOLDEN=1 accepts new ones.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from .cases import STACKS

_DATA = Path(__file__).resolve().parent.parent / "data" / "templates"
_NODES = ("alice", "bob")
_SKIPPED = 77

_ACTION = re.compile(r"\* Resource action: (\S+)\s+(start|stop|promote|demote) on (\w+)")
_FENCING = re.compile(r"\* Fencing (\w+)")


def _cib(configuration):
    """The whole of a CIB in which both nodes are known."""
    nodes = "".join(f'<node id="{number}" uname="{name}"/>' for number, name in enumerate(_NODES, 1))
    return ('<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.8" epoch="1" num_updates="0" admin_epoch="0" '
            'have-quorum="1">' + configuration.replace("<configuration>", f"<configuration><nodes>{nodes}</nodes>", 1) +
            "<status/></cib>")


def _simulate(before, after, *options):
    """What the cluster does, and the CIB after it."""
    return subprocess.run(["crm_simulate", "--xml-file", before, "--simulate", "--save-output", after, *options],
                          capture_output=True, text=True, check=True).stdout


def _score(file):
    """Both copies are up to date: what the drbd agent says of such."""
    tree = xml.parse(file)
    replicas = {one.get("id") for clone in tree.iter("clone") for one in clone.iter("primitive")}
    for state in tree.iter("node_state"):
        kept = xml.SubElement(xml.SubElement(state, "transient_attributes", id=state.get("id")), "instance_attributes",
                              id=f"status-{state.get('id')}")
        for name in sorted(replicas):
            xml.SubElement(kept, "nvpair", id=f"status-{state.get('id')}-master-{name}", name=f"master-{name}", value="10000")
    tree.write(file)


def _standby(file, node):
    tree = xml.parse(file)
    for one in tree.iter("node"):
        if one.get("uname") == node:
            xml.SubElement(xml.SubElement(one, "instance_attributes", id=f"nodes-{node}"), "nvpair",
                           id=f"nodes-{node}-standby", name="standby", value="on")
    tree.write(file)


def _places(file):
    """Where each resource is: "p_lu_san_1: alice", "p_drbd_san: Promoted alice, Unpromoted bob"."""
    shown = subprocess.run(["crm_simulate", "--xml-file", file, "--output-as=xml"], capture_output=True, text=True,
                           check=True).stdout
    found = {}
    for resource in xml.fromstring(shown).find("cluster_status").iter("resource"):
        for node in resource.findall("node"):
            role = resource.get("role")
            found.setdefault(resource.get("id").split(":")[0], set()).add(
                f"{'' if role == 'Started' else role + ' '}{node.get('name')}")
    return {name: ", ".join(sorted(places)) for name, places in sorted(found.items())}


def _actions(said):
    """Fencing, and what is started, stopped, promoted and demoted, in order, with the place."""
    done = []
    for line in said.splitlines():
        if found := _ACTION.search(line):
            done.append(f"{found[2]} {found[1].split(':')[0]} on {found[3]}")
        elif found := _FENCING.search(line):
            done.append(f"fence {found[1]}")
    return done


def _events(folder, serving, stack):
    """Name of what happens, its CIB before it, and crm_simulate's options."""
    yield "the active node is lost", serving, ["--node-fail", "alice"]
    standby = folder / "standby.xml"
    shutil.copy(serving, standby)
    _standby(standby, "alice")
    yield "the active node goes to standby", standby, []
    victim = next(name for name in _places(serving) if name.startswith(("p_lu", "p_fs")))
    yield f"the monitor of {victim} fails", serving, ["--op-inject", f"{victim}_monitor_{_interval(stack, victim)}@alice=1"]


def _interval(stack, name):
    for one in xml.fromstring(stack).iter("primitive"):
        if one.get("id") == name:
            return int(one.find("operations/op[@name='monitor']").get("interval").rstrip("s")) * 1000
    raise AssertionError(f"{name} has no monitor")


def _wrong(event, actions, places):
    """What a move has to be, and is not."""
    if "fails" in event:  # mended in place
        return [f"{name} is on {place}" for name, place in places.items()
                if not name.startswith("fence") and "alice" not in place]
    wrong = [f"{name} is on {place}" for name, place in places.items()
             if not name.startswith("fence") and ("Promoted bob" not in place if name.startswith("p_drbd") else place != "bob")]
    for name in {one.split()[1] for one in actions if not one.startswith("fence ")}:
        for away, here in (("stop", "start"), ("demote", "promote")):
            first, then = f"{away} {name} on alice", f"{here} {name} on bob"
            if first in actions and then in actions and actions.index(first) > actions.index(then):
                wrong.append(f"'{then}' before '{first}'")
            if "lost" in event and then in actions and actions.index(then) < actions.index("fence alice"):
                wrong.append(f"'{then}' before the other node is fenced")
    return wrong


def _play(folder, stack):
    """Text to be reviewed, and what is wrong whatever the reviewer says."""
    first, serving, after = folder / "first.xml", folder / "serving.xml", folder / "after.xml"
    first.write_text(_cib(stack))
    _simulate(first, serving, "--node-up", "alice", "--node-up", "bob")
    _score(serving)
    _simulate(serving, serving)
    verified = subprocess.run(["crm_verify", "--xml-file", serving, "-V"], capture_output=True, text=True, check=False)
    complaint = (verified.stdout + verified.stderr).strip()
    paragraphs, wrong = [], [f"crm_verify: {complaint}"] if complaint or verified.returncode else []
    for event, before, options in _events(folder, serving, stack):
        actions = _actions(_simulate(before, after, *options))
        places = _places(after)
        wrong += [f"{event}: {one}" for one in _wrong(event, actions, places)]
        paragraphs.append("\n".join([event, *(f"  {one}" for one in actions), "then",
                                     *(f"  {name}: {place}" for name, place in places.items())]))
    return "\n\n".join(paragraphs) + "\n", wrong


def main():
    if not shutil.which("crm_simulate"):
        print("skipped: crm_simulate is not installed")
        return _SKIPPED
    failed = 0
    for name in STACKS:
        with tempfile.TemporaryDirectory() as folder:
            found, wrong = _play(Path(folder), (_DATA / f"{name}.xml").read_text())
        reviewed = _DATA / f"{name}.moves"
        if os.environ.get("SAN_UPDATE_GOLDEN"):
            reviewed.write_text(found)
        elif reviewed.read_text() != found:
            wrong.append(f"these are not the reviewed moves:\n{found}")
        for one in wrong:
            failed += 1
            print(f"FAILED {name}: {one}")
    print(f"{len(STACKS)} stacks, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
