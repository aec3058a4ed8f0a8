"""migrate.py SAN_MIGRATE AGENTS INITIATOR: the provider changes below an initiator that writes, and back.

On a real Pacemaker: a group of the shell agents exports a unit by tgt. san-migrate gives it our agents and takes them away
again; it is killed on its way; a new agent that sees something else is not kept. Meanwhile the cluster starts and stops
nothing. In between the group is stopped and started by agents that did not start, or stop, it before.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cluster_of_one import Cluster, in_spaces, run, wait_until

IQN = "iqn.2026-01.org.example:disk1"
URL = f"iscsi://10.0.0.7:3260/{IQN}/1"
# No portblock: that of resource-agents 4.12 does not recognise its own rules in the words of iptables 1.8.9.
_MOVED = {"p_ip": "IPaddr2", "p_target": "iSCSITarget", "p_unit": "iSCSILogicalUnit"}
_GROUP = """\
primitive p_ip ocf:heartbeat:IPaddr2 params ip=10.0.0.7 cidr_netmask=24 nic=eth0 op monitor interval=10
primitive p_target ocf:heartbeat:iSCSITarget params implementation=tgt iqn={iqn} tid=1 allowed_initiators="10.0.0.1 10.0.0.7" \
  op monitor interval=10
primitive p_unit ocf:heartbeat:iSCSILogicalUnit params implementation=tgt target_iqn={iqn} lun=1 path={disk} \
  scsi_sn=0123abcd op monitor interval=10
primitive p_last ocf:pacemaker:Dummy op monitor interval=10
group g_one p_ip p_target p_unit p_last
"""


class Room:
    def __init__(self, program, cluster, initiator, place):
        self._program, self.cluster, self._initiator, self._place = program, cluster, initiator, place
        self._logs = 0

    def migrate(self, *words, code=0):
        done = subprocess.run([self._program, *words], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != code:
            raise SystemExit(f"FAILED san-migrate {' '.join(words)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def kill_after(self, line, *words):
        """Kills it when it has said that."""
        with subprocess.Popen([self._program, *words], stdout=subprocess.PIPE, text=True) as process:
            for said in process.stdout:
                if line in said:
                    process.send_signal(signal.SIGKILL)
                    return
        raise SystemExit(f"FAILED san-migrate never said '{line}'")

    def check_providers(self, san):
        seen = self.cluster.running()
        for name, agent in _MOVED.items():
            provider = "san" if san else "heartbeat"
            if seen.get(name) != f"ocf:{provider}:{agent}":
                raise SystemExit(f"FAILED {name} runs as {seen.get(name)}, not as {agent} of {provider}")
        if seen.get("p_last") != "ocf:pacemaker:Dummy":
            raise SystemExit("FAILED the resource behind them does not run")
        left = run("cibadmin", "--query", "--scope", "crm_config")
        if "maintenance" in left or "san-migrate" in left:
            raise SystemExit(f"FAILED it left something behind: {left}")

    def undisturbed(self, words, doing):
        """Does that while an initiator writes: nothing is started or stopped, and no write is lost. The longest gap in ms."""
        self._logs += 1
        log = self._place / f"acknowledged{self._logs}"
        mark = self.cluster.mark()
        with subprocess.Popen([self._initiator, "write", "--url", URL, "--log", log, "--blocks", "512", "--rate", "50"],
                              stdout=subprocess.PIPE, text=True) as writer:
            try:
                wait_until("writes", lambda: log.exists() and log.read_text(encoding="ascii").count("\nack ") > 20, 20)
                doing()
                writer.send_signal(signal.SIGTERM)
                account = json.loads(writer.communicate(timeout=60)[0].strip().splitlines()[-1])
            finally:
                writer.kill()
        found = json.loads(run(self._initiator, "verify", "--url", URL, "--log", log).strip().splitlines()[-1])
        if found["lost"] or found["torn"] or not found["acknowledged"]:
            raise SystemExit(f"FAILED {words}: of {found['acknowledged']} blocks {found['lost']} are lost, {found['torn']} torn")
        if actions := self.cluster.actions(mark):
            raise SystemExit(f"FAILED {words}: the cluster did {actions}")
        print(f"{words}: {found['acknowledged']} blocks acknowledged, {account['reconnects']} reconnects, "
              f"longest gap {account['longest_interruption_ms']} ms", flush=True)
        if account["reconnects"]:
            raise SystemExit(f"FAILED {words}: the initiator lost its session: {account['last_loss']}")
        return account["longest_interruption_ms"]

    def restart(self):
        """By the agents that are there now: what others have started is stopped, and started."""
        for role in ("Stopped", "Started"):
            run("crm_resource", "--resource", "g_one", "--meta", "--set-parameter", "target-role", "--parameter-value", role)
            self.cluster.wait_idle()
            left = run("tgtadm", "--mode", "target", "--op", "show") + run("ip", "address", "show", "dev", "eth0")
            if role == "Stopped" and (IQN in left or "10.0.0.7" in left or self.cluster.running()):
                raise SystemExit(f"FAILED after the stop this is left: {left}{self.cluster.running()}")


def inside(program, agents, initiator):
    with tempfile.TemporaryDirectory(prefix="san-migrate-") as scratch:
        place = Path(scratch)
        disk = place / "disk1"
        disk.touch()
        os.truncate(disk, 16 << 20)
        room = Room(program, Cluster(place, agents), initiator, place)
        room.cluster.configure(_GROUP.format(iqn=IQN, disk=disk))
        room.check_providers(san=False)
        if "p_unit: ocf:heartbeat:iSCSILogicalUnit -> ocf:san:iSCSILogicalUnit" not in room.migrate():
            raise SystemExit("FAILED it does not say what it would do")
        room.check_providers(san=False)

        calm = room.undisturbed("nothing is done", lambda: time.sleep(5))
        gaps = [room.undisturbed("shell agents to ours", lambda: room.migrate("--apply"))]
        room.check_providers(san=True)
        room.restart()
        room.check_providers(san=True)
        gaps.append(room.undisturbed("ours to shell agents", lambda: room.migrate("--apply", "--back")))
        room.check_providers(san=False)
        room.restart()
        room.check_providers(san=False)

        for line in ("maintenance mode is on", "providers are changed", "the agents have been asked anew"):
            def killed(line=line):
                room.kill_after(line, "--apply")
                room.migrate("--apply")
            gaps.append(room.undisturbed(f"killed when '{line}', and again", killed))
            room.check_providers(san=True)
            room.undisturbed("back", lambda: room.migrate("--apply", "--back"))
            room.check_providers(san=False)

            def regretted(line=line):
                room.kill_after(line, "--apply")
                room.migrate("--apply", "--back", code=3)
            gaps.append(room.undisturbed(f"killed when '{line}', and back", regretted))
            room.check_providers(san=False)

        # The unit has another serial number than its new agent wants: that one calls it failed.
        run("tgtadm", "--lld", "iscsi", "--mode", "logicalunit", "--op", "update", "--tid", "1", "--lun", "1", "--params",
            "scsi_sn=fedcba98")
        said = room.migrate("--apply", code=3)
        if "going back: p_unit" not in said:
            raise SystemExit(f"FAILED it does not say why it went back: {said}")
        room.check_providers(san=False)
        print(f"longest gap: {calm} ms when nothing is done, {max(gaps)} ms in {len(gaps)} changes")
    return 0


sys.exit(inside(*sys.argv[1:4]) if sys.argv[4:] == ["in"] else in_spaces(__file__, *map(os.path.abspath, sys.argv[1:4])))
