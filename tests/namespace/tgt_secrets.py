"""tgt_secrets.py TARGET: where the secrets of a target on tgt can be found: in the file that the administrator made, in
what is written to the daemon's socket, and nowhere else.

Every system call of every action is looked through, and afterwards processes, files and what the daemon has said.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from differential import daemon

SKIPPED = 77
_SECRETS = {"incoming": "Uqv7incoming4kZt", "outgoing": "Bn3woutgoing9Xsp", "discovery": "Kd8rdiscovery2Wm"}


def variables(scratch):
    named = {"implementation": "tgt", "iqn": "iqn.2026-01.org.example:disk1", "incoming_username": "client",
             "outgoing_username": "server", "discovery_username": "seeker",
             **{f"{whose}_password_file": f"{scratch}/{whose}" for whose in _SECRETS}}
    return {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": "p_test", "HA_RSCTMP": f"{scratch}/state",
            "OCF_RESKEY_CRM_meta_timeout": "20000", "PATH": daemon.PATH,
            **{f"OCF_RESKEY_{name}": value for name, value in named.items()}}


def calls_with_secrets(trace):
    """Each system call that had a secret in it: its name, and the path or the kind of what it was about."""
    found = set()
    for line in trace.read_text(errors="replace").split("\n"):
        if any(secret in line for secret in _SECRETS.values()):
            call = re.search(r"(\w+)\(\d*<?([^>,]*)", line)
            found.add((call[1], re.sub(r":\[.*", "", call[2])))
    return found


def inside(agent):
    failed = []
    with tempfile.TemporaryDirectory(prefix="san-tgt-secrets-") as scratch:
        os.chdir(scratch)
        os.mkdir("state")
        for whose, secret in _SECRETS.items():
            Path(whose).write_text(secret + "\n", encoding="ascii")
            Path(whose).chmod(0o600)
        subprocess.run(["bash", "-e", "-c", daemon.BEFORE], check=True)
        try:
            for action, code in (("start", 0), ("monitor", 0), ("reload-agent", 0), ("validate-all", 0), ("stop", 0)):
                trace = Path("trace")
                done = subprocess.run(["strace", "-f", "-yy", "-s", "20000", "-o", str(trace), agent, action],
                                      env=variables(scratch), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      check=False)
                if done.returncode != code:
                    failed.append(f"{action}: exit {done.returncode}: {done.stderr}")
                calls = calls_with_secrets(trace)
                trace.unlink()
                allowed = {("read", f"{scratch}/{whose}") for whose in _SECRETS} | {("sendto", "UNIX-STREAM")}
                failed += [f"{action}: a secret in {name} of {what}" for name, what in sorted(calls - allowed)]
                failed += [f"{action} says a secret" for secret in _SECRETS.values() if secret in done.stdout + done.stderr]
                if action == "start" and not calls & {("sendto", "UNIX-STREAM")}:
                    failed.append("start: no secret was handed to the daemon: the search would find nothing")
                if action == "start":
                    failed += look_around(scratch)
        finally:
            subprocess.run(["bash", "-c", daemon.END], check=True)
    for failure in failed:
        print(f"FAILED {failure}")
    print(f"{len(_SECRETS)} secrets in 5 actions: {len(failed)} places too many")
    return 1 if failed else 0


def look_around(scratch):
    """Processes, files and the daemon's words, while the target is there."""
    for place in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ"),
                  *(path for path in Path(scratch).rglob("*") if path.is_file() and path.name not in _SECRETS),
                  *(path for path in Path("/run").rglob("*") if path.is_file())):
        try:
            text = place.read_bytes().decode(errors="replace")
        except OSError:
            continue
        yield from (f"{place} has a secret" for secret in _SECRETS.values() if secret in text)


def outside(agent):
    private = ["unshare", "--net", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
    for needed in ([*private, "bash", "-c", daemon.NEEDS], ["strace", "-o", "/dev/null", "true"]):
        if subprocess.run(needed, capture_output=True, check=False).returncode != 0:
            print(f"skipped: this machine does not allow {' '.join(needed)}")
            return SKIPPED
    return subprocess.run([*private, sys.executable, "-B", __file__, os.path.abspath(agent), "in"], check=False).returncode


sys.exit(inside(sys.argv[1]) if len(sys.argv) == 3 else outside(sys.argv[1]))
