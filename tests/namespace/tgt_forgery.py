# SPDX-License-Identifier: GPL-2.0-or-later
"""tgt_forgery.py TARGET UNIT: an initiator whose name or alias looks like parts of tgtd's list.

It logs in at a real daemon, which lists whatever it is told. Monitor has to see what is there all the same, and stop has to
take it away.
"""

import os
import socket
import struct
import subprocess
import sys
import tempfile

from differential import daemon

SKIPPED = 77
_IQN = "iqn.2026-01.org.example:disk1"
_SESSION = "    I_T nexus information:\n        I_T nexus: 99\n            Initiator: iqn.y"
_PARTS = "\n    LUN information:\n        LUN: 7\n    Account information:\n    ACL information:\n        192.0.2.1\n"

# What it says of itself, and whether the list can be read then.
WORDS = {
    "a line": ("iqn.x\nline", True),
    "another unit": ("iqn.x\n    LUN information:\n        LUN: 7", True),
    "another list": ("iqn.x\n    ACL information:\n        192.0.2.1", True),
    "another target": (f"iqn.x{_PARTS}Target 9: iqn.2026-01.org.example:disk9\n{_SESSION}", True),
    "this target again": (f"iqn.x{_PARTS}Target 9: {_IQN}\n{_SESSION}", True),
    "a neighbour that is there": (f"iqn.x{_PARTS}Target 3: iqn.2026-01.org.example:disk3\n{_SESSION}", False),
}


def log_in(name, alias):
    """RFC 7143 11.12: all in one request, from the operational stage to the full feature phase."""
    keys = {"InitiatorName": name, "InitiatorAlias": alias, "SessionType": "Normal", "TargetName": _IQN}
    text = b"".join(f"{key}={value}\0".encode() for key, value in keys.items())
    header = struct.pack(">BBxxI6sHIHxxII16x", 0x43, 0x87, len(text), b"\x80\0\0\0\0\1", 0, 1, 0, 1, 0)
    connection = socket.create_connection(("127.0.0.1", 3260), timeout=10)
    connection.sendall(header + text + b"\0" * (-len(text) % 4))
    answer = connection.recv(4096)
    if len(answer) < 48 or answer[36:38] != b"\0\0":
        raise SystemExit(f"FAILED no login as {name!r}: {answer[36:38]!r}")
    return connection


class Resource:
    def __init__(self, agent, **parameters):
        self._agent = agent
        self._variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": "p_test", "HA_RSCTMP": os.getcwd(),
                           "OCF_RESKEY_CRM_meta_timeout": "20000", "OCF_RESKEY_CRM_meta_interval": "10000",
                           "PATH": daemon.PATH, "OCF_RESKEY_implementation": "tgt"}
        self._variables.update({f"OCF_RESKEY_{name}": value for name, value in parameters.items()})

    def act(self, action, *codes):
        done = subprocess.run([self._agent, action], env=self._variables, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        if done.returncode not in codes:
            yield f"{os.path.basename(self._agent)} {action}: exit {done.returncode}: {done.stderr.strip()}"
        if done.returncode == 1 and "twice" not in done.stderr:
            yield f"{os.path.basename(self._agent)} {action} does not say why: {done.stderr.strip()}"


def tried(target, unit, name, alias, readable):
    yield from target.act("start", 0)
    yield from unit.act("start", 0)
    connection = log_in(name, alias)
    for resource in (target, unit):
        yield from resource.act("monitor", 0 if readable else 1)
    if not readable:
        connection.close()
        # The daemon takes note of the end by itself.
        subprocess.run(["bash", "-c", "while tgtadm --mode target --op show | grep -q nexus:; do sleep 0.02; done"],
                       check=True, timeout=20)
    for resource in (unit, target):
        yield from resource.act("stop", 0)
        yield from resource.act("monitor", 7)
    connection.close()


def inside(target, unit):
    failed = []
    with tempfile.TemporaryDirectory(prefix="san-tgt-forgery-") as scratch:
        os.chdir(scratch)
        subprocess.run(["bash", "-e", "-c", daemon.BEFORE], check=True)
        try:
            subprocess.run(["bash", "-e", "-c", "tgtadm --lld iscsi --mode target --op new --tid 3 "
                            "--targetname iqn.2026-01.org.example:disk3"], check=True)
            target = Resource(target, iqn=_IQN, tid="1")
            unit = Resource(unit, target_iqn=_IQN, lun="1", path=f"{scratch}/disk1")
            for words, (text, readable) in WORDS.items():
                for name, alias in ((text, "none"), ("iqn.2026-01.org.example:host", text)):
                    failed += [f"{words}: {line}" for line in tried(target, unit, name, alias, readable)]
        finally:
            subprocess.run(["bash", "-c", daemon.END], check=True)
    for failure in failed:
        print(f"FAILED {failure}")
    print(f"{len(WORDS)} names and aliases: {len(failed)} failures")
    return 1 if failed else 0


def outside(*agents):
    private = ["unshare", "--net", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
    if subprocess.run([*private, "bash", "-c", daemon.NEEDS], capture_output=True, check=False).returncode != 0:
        print(f"skipped: this machine does not allow {daemon.NEEDS}")
        return SKIPPED
    return subprocess.run([*private, sys.executable, "-B", __file__, *map(os.path.abspath, agents), "in"],
                          check=False).returncode


sys.exit(inside(*sys.argv[1:3]) if len(sys.argv) == 4 else outside(*sys.argv[1:]))
