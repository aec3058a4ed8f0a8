"""kill_sweep.py AGENT EXECUTABLE: kills start, and then stop, at every single system call that they make.

After each kill, stop has to succeed and leave nothing, and the next start and monitor have to find a whole resource. The
network and the state files are private.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from differential import daemon, network, ports, post, reap

SKIPPED = 77

_PORTS = {"ip": "10.0.0.7", "protocol": "tcp", "portno": "80,3260", "direction": "both"}

_IQN = "iqn.2026-01.org.example:disk1"

# The room, the parameters, and what has to be there before: the parameters of another resource, or a command.
RESOURCES = {
    "IPaddr2": [
        (network, {"ip": "10.0.0.7", "cidr_netmask": "24", "nic": "eth0", "arp_count": "1"}),
        (network, {"ip": "10.0.0.7", "iflabel": "vip", "arp_count": "1"}),
        # With duplicate detection each of the kills would take seconds; ipaddr2_test kills in the middle of it.
        (network, {"ip": "2001:db8::7", "nodad": "true", "arp_count": "1"}),
    ],
    "portblock": [
        (ports, _PORTS | {"action": "block"}),
        # Its partner has closed the ports.
        (ports, _PORTS | {"action": "unblock", "tickle_dir": "SCRATCH/tickles", "reset_local_on_unblock_stop": "true"},
         _PORTS | {"action": "block"}),
    ],
    "MailTo": [(post, {"email": "root"})],
    "iSCSITarget": [
        (daemon, {"implementation": "tgt", "iqn": _IQN}),
        (daemon, {"implementation": "tgt", "iqn": _IQN, "tid": "7", "portals": "10.0.0.7:3261",
                  "allowed_initiators": "iqn.2026-01.org.example:host", "additional_parameters": "MaxQueueCmd=64",
                  "incoming_username": "client", "incoming_password": "s3cretpassw0rd",
                  "outgoing_username": "server", "outgoing_password": "an0thersecret"}),
    ],
    "iSCSILogicalUnit": [
        (daemon, {"implementation": "tgt", "target_iqn": _IQN, "lun": "1", "path": "SCRATCH/disk1"},
         f"tgtadm --lld iscsi --mode target --op new --tid 1 --targetname {_IQN}"),
    ],
}


class Resource:
    """One resource in this process's namespaces."""

    def __init__(self, agent, name, parameters, room, scratch):
        self._agent = agent
        self._room = room
        self._scratch = scratch
        self._variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": name, "HA_RSCTMP": str(scratch),
                           "OCF_RESKEY_CRM_meta_timeout": "20000", "OCF_RESKEY_CRM_meta_interval": "10000",
                           "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        self._variables.update({f"OCF_RESKEY_{name}": value.replace("SCRATCH", str(scratch))
                                for name, value in parameters.items()})

    def act(self, action, *prefix):
        # Not traced further than this process: what it leaves in the background is no part of the action.
        return subprocess.run([*prefix, self._agent, action], env=self._variables, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)

    def must(self, action, code, after):
        done = self.act(action)
        if done.returncode != code:
            raise AssertionError(f"{action} after {after}: exit {done.returncode} instead of {code}: {done.stderr}")

    def left(self):
        """What is there, but letters: one that was on its way cannot be taken back."""
        text = subprocess.run(["bash", "-c", self._room.AFTER], capture_output=True, text=True, check=True).stdout
        claims = self._scratch / "portblock"
        files = [f"file {path.relative_to(claims)}" for path in sorted(claims.rglob("*"))]
        return files + [fact for fact in self._room.facts(text, self._scratch) if not fact.startswith("letter")]

    def calls(self, action):
        """Every system call of an action: its name, and for the how many-th time."""
        trace = self._scratch / "trace"
        done = self.act(action, "strace", "-o", str(trace))
        if done.returncode != 0:
            raise AssertionError(f"{action}: exit {done.returncode}: {done.stderr}")
        seen, calls = {}, []
        for name in re.findall(r"^(\w+)\(", trace.read_text(), re.MULTILINE):
            seen[name] = seen.get(name, 0) + 1
            calls.append((name, seen[name]))
        trace.unlink()
        # The first one makes the process; the last one ends it.
        return calls[1:-1]


def sweep(resource):
    # What a first life leaves behind on purpose is no rest of a killed one.
    resource.must("start", 0, "nothing")
    resource.must("stop", 0, "a clean start")
    before = resource.left()
    starts = resource.calls("start")
    stops = resource.calls("stop")
    missed = 0
    for action, calls in (("start", starts), ("stop", stops)):
        for name, time in calls:
            point = f"{action} was killed at its {time}. {name}"
            if action == "stop":
                resource.must("start", 0, "a clean stop")
            killed = resource.act(action, "strace", "-o", "/dev/null", "-e", f"inject={name}:signal=KILL:when={time}")
            # How often a process waits for its child or the kernel differs: then there is no such call this time.
            if killed.returncode == 0:
                missed += 1
            elif killed.returncode != -9:
                raise AssertionError(f"{point}: but it ended with {killed.returncode}: {killed.stderr}")
            resource.must("stop", 0, point)
            if (left := resource.left()) != before:
                raise AssertionError(f"{point}: stop left {set(left) ^ set(before)}")
            resource.must("monitor", 7, point)
            resource.must("start", 0, point)
            resource.must("monitor", 0, point)
            resource.must("stop", 0, point)
    if missed > (len(starts) + len(stops)) // 20:
        raise AssertionError(f"{missed} of {len(starts)} and {len(stops)} calls were not met again")
    return len(starts), len(stops), missed


def inside(agent, executable, number):
    room, parameters, *partners = RESOURCES[agent][number]
    reap.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="san-sweep-") as scratch:
        os.chdir(scratch)
        subprocess.run(["bash", "-e", "-c", room.BEFORE], check=True)
        try:
            for partner in partners:
                if isinstance(partner, str):
                    subprocess.run(["bash", "-e", "-c", partner], check=True)
                    continue
                Resource(executable, "p_partner", partner, room, Path(scratch)).must("start", 0, "nothing")
            starts, stops, missed = sweep(Resource(executable, "p_test", parameters, room, Path(scratch)))
        except AssertionError as failure:
            print(f"FAILED {agent} {parameters}: {failure}")
            return 1
        finally:
            subprocess.run(["bash", "-c", getattr(room, "END", "true")], check=True)
            reap.wait_for_all()
        print(f"{agent} {parameters}: killed at {starts} calls of start and {stops} of stop, but {missed}")
        return 0


def outside(agent, executable):
    private = ["unshare", "--net", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
    rooms = {room.NEEDS for room, *_ in RESOURCES[agent]}
    for needed in (*([*private, "bash", "-c", needs] for needs in rooms), ["strace", "-o", "/dev/null", "true"]):
        if subprocess.run(needed, capture_output=True, check=False).returncode != 0:
            print(f"skipped: this machine does not allow {' '.join(needed)}")
            return SKIPPED
    codes = [subprocess.run([*private, sys.executable, "-B", __file__, agent, os.path.abspath(executable), str(number)],
                            check=False).returncode for number in range(len(RESOURCES[agent]))]
    return 1 if any(codes) else 0


if len(sys.argv) == 4:
    sys.exit(inside(sys.argv[1], sys.argv[2], int(sys.argv[3])))
sys.exit(outside(*sys.argv[1:]))
