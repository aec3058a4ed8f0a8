# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py SAN_CHECK AGENTS: san-check on a real Pacemaker: what it finds there, and that what it advises mends it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster_of_one import Cluster, in_spaces

_IQN = "iqn.2026-01.org.example:disk1"
# The address is first, and nothing makes it stay, is watched, or is fenced.
_GROUP = f"""\
primitive p_ip ocf:san:IPaddr2 params ip=10.0.0.7 cidr_netmask=24 nic=eth0
primitive p_target ocf:san:iSCSITarget params implementation=tgt iqn={_IQN} op monitor interval=10 timeout=20 \
  op start timeout=20 interval=0 op stop timeout=30 interval=0
primitive p_unit ocf:san:iSCSILogicalUnit params implementation=tgt target_iqn={_IQN} lun=1 path={{disk}} \
  op monitor interval=10 timeout=20 op start timeout=20 interval=0 op stop timeout=30 interval=0
group g_one p_ip p_target p_unit
"""
# One node with one link; its files are this place's own.
_ALWAYS = {"rings"}


def findings(program):
    done = subprocess.run([program, "--output-as=json"], capture_output=True, text=True, timeout=120, check=False)
    document = json.loads(done.stdout)
    sources = {source["name"]: source for source in document["sources"]}
    if sources["cluster"]["from"] != "the running cluster" or not sources["corosync"]["read"]:
        raise SystemExit(f"FAILED sources: {sources}")
    found = {finding["rule"]: finding for finding in document["findings"] if finding["rule"] not in _ALWAYS}
    worst = max((("note", "warning", "error").index(finding["severity"]) for finding in document["findings"]), default=0)
    if done.returncode != worst:
        raise SystemExit(f"FAILED exit {done.returncode}, expected {worst}: {done.stdout}")
    return found


def expect(found, *rules):
    if set(found) != set(rules):
        raise SystemExit(f"FAILED found {sorted(found)}, expected {sorted(rules)}: {found}")


def mend(finding):
    done = subprocess.run(["bash", "-c", finding["mend"]], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise SystemExit(f"FAILED {finding['mend']}: exit {done.returncode}: {done.stdout}{done.stderr}")


def main():
    program, agents = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    if sys.argv[-1] != "in":
        return in_spaces(__file__, program, agents)
    with tempfile.TemporaryDirectory(prefix="san-check-") as folder:
        place = Path(folder)
        disk = place / "disk"
        disk.write_bytes(bytes(1 << 20))
        cluster = Cluster(place, agents)
        cluster.configure(_GROUP.format(disk=disk))
        found = findings(program)
        expect(found, "fencing-off", "address-before-unit", "monitor-missing", "stickiness")
        for rule in ("monitor-missing", "stickiness"):
            mend(found[rule])
        cluster.wait_idle()
        expect(findings(program), "fencing-off", "address-before-unit")
        # What it advised did not disturb what runs.
        if set(cluster.running()) != {"p_ip", "p_target", "p_unit"}:
            raise SystemExit(f"FAILED running: {cluster.running()}")
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
