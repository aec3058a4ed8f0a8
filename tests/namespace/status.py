"""status.py SAN_STATUS AGENTS INITIATOR: what san-status says of a real cluster of one node, and when something is wrong.

A unit of tgt at a service address, and an initiator that is logged in; then a resource that fails, tgtd stopped so that it
answers nobody, and a cluster that has ended.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster_of_one import Cluster, in_spaces, run, wait_until

IQN = "iqn.2026-01.org.example:disk1"
URL = f"iscsi://10.0.0.7:3260/{IQN}/1"
_GROUP = """\
primitive p_target ocf:san:iSCSITarget params implementation=tgt iqn={iqn} op monitor interval=10
primitive p_unit ocf:san:iSCSILogicalUnit params implementation=tgt target_iqn={iqn} lun=1 path={disk} op monitor interval=10
primitive p_ip ocf:san:IPaddr2 params ip=10.0.0.7 cidr_netmask=24 nic=eth0 op monitor interval=10
primitive p_last ocf:pacemaker:Dummy op monitor interval=10
group g_one p_target p_unit p_ip p_last
"""


def expect(what, found):
    if not found:
        raise SystemExit(f"FAILED {what}")


def watch(program):
    """It draws again when the cluster changes, long before its interval is over, and ends when the user says so."""
    master, slave = os.openpty()
    with subprocess.Popen([program, "--watch=600"], stdin=slave, stdout=slave, start_new_session=True) as process:
        os.close(slave)
        drawn = b""

        def has(number):
            nonlocal drawn
            while select.select([master], [], [], 0)[0]:
                drawn += os.read(master, 65536)
            return drawn.count(b"\x1b[H\x1b[J") >= number
        try:
            wait_until("the first screen", lambda: has(1), 30)
            before = drawn.count(b"\x1b[H\x1b[J")
            run("crm_attribute", "--node", "alice", "--name", "colour", "--update", "blue")
            wait_until("a screen after the change", lambda: has(before + 1), 30)
            process.send_signal(signal.SIGINT)
            process.wait(10)
        finally:
            process.kill()
    os.close(master)


def inside(program, agents, initiator):
    def status(*words, code):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, check=False)
        expect(f"exit {code} and not {done.returncode}: {done.stdout}{done.stderr}", done.returncode == code)
        expect(f"a pipe gets no colour: {done.stdout!r}", "\x1b" not in done.stdout)
        return done.stdout

    with tempfile.TemporaryDirectory(prefix="san-status-") as scratch:
        disk = Path(scratch) / "disk1"
        disk.touch()
        os.truncate(disk, 16 << 20)
        cluster = Cluster(Path(scratch), agents)
        cluster.configure(_GROUP.format(iqn=IQN, disk=disk))
        log = Path(scratch) / "log"
        with subprocess.Popen([initiator, "write", "--url", URL, "--log", log, "--blocks", "64", "--rate", "10"],
                              stdout=subprocess.DEVNULL) as writer:
            try:
                wait_until("a write", lambda: log.exists() and "\nack " in log.read_text(encoding="ascii"), 20)
                # It has no fencing, which is all that is wrong with it.
                text = status(code=1)
                said = json.loads(status("--output-as=json", code=1))
            finally:
                writer.kill()
        print(text)
        expect(f"only fencing is wrong: {said}", said["blocking"] == ["fencing (STONITH) is off"] and not said["degraded"])
        target = said["nodes"][0]["targets"][0]
        expect(f"target: {target}", target["name"] == IQN and target["by"] == "tgt" and target["enabled"])
        expect(f"unit: {target}", [(unit["number"], unit["bytes"]) for unit in target["units"]] == [(1, 16 << 20)])
        expect(f"session: {target}", [each["address"] for each in target["sessions"]] == ["10.0.0.1"])
        expect("address and initiator are on the screen", "10.0.0.7/24" in text and "    initiator iqn." in text)

        # On a terminal it has colours, unless NO_COLOR says otherwise.
        coloured = run("script", "--quiet", "--command", f"{program} ; true", "/dev/null")
        plain = run("script", "--quiet", "--command", f"NO_COLOR=1 {program} ; true", "/dev/null")
        expect(f"colours on a terminal: {coloured!r}", "\x1b[" in coloured and "\x1b[" not in plain)

        watch(program)

        run("crm_resource", "--resource", "p_last", "--fail", "--node", "alice")
        wait_until("the failed action", lambda: "p_last" in str(json.loads(run(
            program, "--output-as=json", check=False))["degraded"]), 60)

        # A daemon that answers nobody is waited for, and not for long.
        daemon = int(run("pgrep", "--newest", "tgtd"))
        os.kill(daemon, signal.SIGSTOP)
        said = json.loads(run(program, "--local", "--output-as=json", "--timeout", "3", timeout=20))
        os.kill(daemon, signal.SIGCONT)
        expect(f"tgt is a gap: {said['nodes'][0]['gaps']}", said["nodes"][0]["gaps"][0].startswith("tgt: "))
        expect("the rest is there", said["nodes"][0]["addresses"])

        cluster.lose_corosync()
        wait_until("no cluster", lambda: "Pacemaker does not answer" in run(program, check=False))
        status(code=2)
    return 0


sys.exit(inside(*sys.argv[1:4]) if sys.argv[4:] == ["in"] else in_spaces(__file__, *map(os.path.abspath, sys.argv[1:4])))
