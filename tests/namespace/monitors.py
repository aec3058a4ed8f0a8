# SPDX-License-Identifier: GPL-2.0-or-later
"""monitors.py AGENT EXECUTABLE [COUNT]: what so many monitors leave behind, one after another as fast as they run.

A day has 8640 of them, one every ten seconds. Files, processes, sockets, the kernel's objects and the IPC objects have to
be the same afterwards; daemons that stay may have no descriptor and no memory more. Everything is private: network,
mounts, processes, IPC.
"""

import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from differential import daemon, network, ports, post

SKIPPED = 77
COUNT = 300
# A daemon's heap settles in its first requests, and its pages are counted in batches by the kernel (SPLIT_RSS_COUNTING).
SETTLED = 20
SLACK_KIB = 128

_IQN = "iqn.2026-01.org.example:disk1"


class listener:  # pylint: disable=invalid-name
    """The room of a listener: a cluster and DRBD's tool that are scripts, and no DRBD.

    The library that talks to a cluster's daemons is one that cannot be loaded, wherever the build has it.

    Every minute it tells the cluster everything again, and writes its notes as they were.
    """

    WRITES_AGAIN = True
    VARIABLES = {"LD_LIBRARY_PATH": "SCRATCH/unloadable"}

    BEFORE = r"""
mkdir sbin unloadable
touch unloadable/libsan-cluster.so.0
printf '#!/bin/sh\ntrue\n' >sbin/attrd_updater
printf '#!/bin/sh\necho r0\n' >sbin/drbdadm
chmod 755 sbin/*
mount -t tmpfs tmpfs /run
mount -t overlay overlay -o lowerdir=$PWD/sbin:/usr/sbin /usr/sbin
"""
    NEEDS = post.NEEDS


# Processes that stay while a resource runs.
_STAY = {"tgtd", "san-resident"}

# The room, the parameters, and what has to be there before.
RESOURCES = {
    "IPaddr2": [(network, {"ip": "10.0.0.7", "cidr_netmask": "24", "nic": "eth0", "arp_count": "1"}, ""),
                (network, {"ip": "2001:db8::7", "nodad": "true", "arp_count": "1"}, "")],
    "portblock": [(ports, {"ip": "10.0.0.7", "protocol": "tcp", "portno": "80,3260", "action": "block"}, ""),
                  (ports, {"ip": "10.0.0.7", "protocol": "tcp", "portno": "3260", "action": "unblock",
                           "tickle_dir": "SCRATCH/tickles"}, "")],
    "MailTo": [(post, {"email": "root"}, "")],
    "drbd-attr": [(listener, {"dampening_delay": "0"}, "")],
    "iSCSITarget": [(daemon, {"implementation": "tgt", "iqn": _IQN, "tid": "7", "portals": "10.0.0.7:3261",
                              "allowed_initiators": "iqn.2026-01.org.example:host", "incoming_username": "client",
                              "incoming_password": "s3cretpassw0rd"}, "")],
    "iSCSILogicalUnit": [(daemon, {"implementation": "tgt", "target_iqn": _IQN, "lun": "1", "path": "SCRATCH/disk1"},
                          f"tgtadm --lld iscsi --mode target --op new --tid 1 --targetname {_IQN}")],
}

_KERNEL = {
    "addresses": "ip address; ip route show table all; ip -6 route show table all; ip addrlabel; ip neigh | wc -l",
    "nftables": "nft -a list ruleset",
    "sockets": "ss --all --numeric --no-header | sed 's/ .* / /' | sort",
    "IPC": "cat /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg; ls /dev/mqueue 2>/dev/null",
}


def files(scratch, writes_again):
    """Every file where an agent could leave one, with all that a write would change, unless a daemon writes by itself."""
    found = {}
    for top in ("/run", "/tmp", "/var/tmp", "/var/lib", "/var/lock", "/dev/shm", scratch):
        for directory, names, others in os.walk(top):
            for name in names + others:
                path = os.path.join(directory, name)
                try:
                    status = os.lstat(path)
                except FileNotFoundError:
                    continue
                size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
                found[path] = (status.st_mode, size, *(() if writes_again else (status.st_ino, status.st_mtime_ns)))
    return found


def processes():
    """Number and name of all but this one; the namespace has no others than ours."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name not in ("1", str(os.getpid())):
            try:
                found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
    return found


def await_passers_by():
    """Waits for what an action has left in the background for a while, such as a letter's delivery."""
    while set(processes().values()) - _STAY:
        os.waitpid(-1, 0)


def weight(process):
    """Descriptors, and the memory of its own in KiB."""
    smaps = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    anonymous = re.search(r"^Anonymous: *(\d+)", smaps, re.MULTILINE)
    return len(os.listdir(f"/proc/{process}/fd")), int(anonymous[1])


def kernel():
    return {what: subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False).stdout
            for what, command in _KERNEL.items()}


class Resource:
    def __init__(self, executable, parameters, room, scratch):
        self._executable = executable
        self._variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": "p_test", "HA_RSCTMP": "/run/san-test",
                           "OCF_RESKEY_CRM_meta_timeout": "20000", "OCF_RESKEY_CRM_meta_interval": "10000",
                           "HA_LOGFACILITY": "daemon", "PATH": getattr(room, "PATH", daemon.PATH),
                           **getattr(room, "VARIABLES", {}),
                           **{f"OCF_RESKEY_{name}": value for name, value in parameters.items()}}
        self._variables = {name: value.replace("SCRATCH", scratch) for name, value in self._variables.items()}

    def act(self, action):
        nothing = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in range(2)]
        process = os.posix_spawn(self._executable, [self._executable, action], self._variables, file_actions=nothing)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def must(self, action):
        if (code := self.act(action)) != 0:
            raise AssertionError(f"{action}: exit {code}")


def differences(what, before, after):
    for key in sorted({*before, *after}, key=str):
        if before.get(key) != after.get(key):
            yield f"{what} {key}: {before.get(key)} became {after.get(key)}"


def watch(resource, count, scratch, writes_again):
    resource.must("start")
    for _ in range(SETTLED):
        resource.must("monitor")
    await_passers_by()
    before = files(scratch, writes_again), processes(), kernel()
    heavy = {process: weight(process) for process in before[1]}
    for _ in range(count):
        resource.must("monitor")
    await_passers_by()
    after = files(scratch, writes_again), processes(), kernel()
    found = [line for what, one, other in zip(("file", "process", "kernel:"), before, after)
             for line in differences(what, one, other)]
    for process, name in after[1].items():
        descriptors, memory = weight(process)
        if process not in heavy:
            continue
        print(f"  {name}: {heavy[process][0]} descriptors and {heavy[process][1]} KiB became {descriptors} and {memory}")
        if descriptors > heavy[process][0]:
            found.append(f"{name} has {descriptors} descriptors, and had {heavy[process][0]}")
        if memory > heavy[process][1] + SLACK_KIB:
            found.append(f"{name} has {memory} KiB, and had {heavy[process][1]}")
    resource.must("stop")
    return found


def inside(agent, executable, number, count):
    room, parameters, partner = RESOURCES[agent][number]
    with tempfile.TemporaryDirectory(prefix="san-monitors-") as scratch:
        os.chdir(scratch)
        # Addresses of links are what they stay from the beginning: nobody asks whether others have them.
        Path("/proc/sys/net/ipv6/conf/default/accept_dad").write_text("0", encoding="ascii")
        subprocess.run(["bash", "-e", "-c", f"{room.BEFORE}\n{partner}"], check=True)
        os.makedirs("/run/san-test", exist_ok=True)
        try:
            found = watch(Resource(executable, parameters, room, scratch), count, scratch,
                          getattr(room, "WRITES_AGAIN", False))
        except AssertionError as failure:
            found = [str(failure)]
        finally:
            subprocess.run(["bash", "-c", getattr(room, "END", "true")], check=True)
    for line in found:
        print(f"FAILED {agent}: {line}")
    print(f"{agent} {parameters}: {count} monitors left {len(found)} things behind")
    return 1 if found else 0


def outside(agent, executable, count):
    private = ["unshare", "--net", "--mount", "--ipc", "--pid", "--fork", "--mount-proc",
               *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
    for room in {id(room): room for room, *_ in RESOURCES[agent]}.values():
        if subprocess.run([*private, "bash", "-c", room.NEEDS], capture_output=True, check=False).returncode != 0:
            print(f"skipped: this machine does not allow {room.NEEDS}")
            return SKIPPED
    # Files of others come and go in these; the agents get their own. This test may lie in one of them itself.
    empty = "mount --rbind / /mnt; for place in /run /tmp /var/tmp /var/lib /dev/shm; do mount -t tmpfs none $place; done; exec \"$@\""
    codes = [subprocess.run([*private, "bash", "-e", "-c", empty, "bash", sys.executable, "-B",
                             f"/mnt{os.path.abspath(__file__)}", agent, f"/mnt{os.path.abspath(executable)}", str(count),
                             str(number)], check=False).returncode
             for number in range(len(RESOURCES[agent]))]
    return 1 if any(codes) else 0


if len(sys.argv) == 5:
    sys.exit(inside(sys.argv[1], sys.argv[2], int(sys.argv[4]), int(sys.argv[3])))
sys.exit(outside(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else COUNT))
