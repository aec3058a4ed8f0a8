"""tgt_suite.py TARGET UNIT: libiscsi's conformance suite on a unit of ours on tgt, and on one set up by hand with tgtadm.

Both have the same identity, on files of one size, and the results have to be the same, test by test. The network and the
daemon are private.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from differential import daemon

sys.path.insert(0, str(Path(__file__).parents[1] / "cluster"))
from sanlab import suite  # noqa: E402

SKIPPED = 77
_IQN = "iqn.2026-01.org.example:disk"
_PATIENCE = 300

# What a start of ours sets, typed by hand.
_BY_HAND = f"""
tgtadm --lld iscsi --mode target --op new --tid 2 --targetname {_IQN}2
tgtadm --lld iscsi --mode logicalunit --op new --tid 2 --lun 1 --backing-store $PWD/disk2 --bstype rdwr
tgtadm --lld iscsi --mode logicalunit --op update --tid 2 --lun 1 --params scsi_sn=0123abcd,scsi_id=p_test,\
mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0
tgtadm --lld iscsi --mode target --op bind --tid 2 --initiator-address ALL
"""


def act(agent, action, **parameters):
    variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": "p_test", "HA_RSCTMP": os.getcwd(),
                 "OCF_RESKEY_CRM_meta_timeout": "20000", "PATH": daemon.PATH, "OCF_RESKEY_implementation": "tgt"}
    variables.update({f"OCF_RESKEY_{name}": value for name, value in parameters.items()})
    done = subprocess.run([agent, action], env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise SystemExit(f"FAILED {os.path.basename(agent)} {action}: exit {done.returncode}: {done.stderr}")


def results(number):
    url = f"iscsi://127.0.0.1:3260/{_IQN}{number}/1"
    done = subprocess.run(["iscsi-test-cu", "--dataloss", "--verbose", "--test=ALL", url, url], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=_PATIENCE,
                          check=False)
    if "Run Summary" not in done.stdout:
        raise SystemExit(f"FAILED iscsi-test-cu {url}: exit {done.returncode}: {done.stdout[-2000:]}")
    return suite.results(done.stdout)


def inside(target, unit):
    with tempfile.TemporaryDirectory(prefix="san-tgt-suite-") as scratch:
        os.chdir(scratch)
        subprocess.run(["bash", "-e", "-c", daemon.BEFORE + "truncate -s 64M disk1 disk2"], check=True)
        try:
            act(target, "start", iqn=f"{_IQN}1", tid="1")
            act(unit, "start", target_iqn=f"{_IQN}1", lun="1", path=f"{scratch}/disk1", scsi_sn="0123abcd")
            subprocess.run(["bash", "-e", "-c", _BY_HAND], check=True)
            ours, theirs = results(1), results(2)
        finally:
            subprocess.run(["bash", "-c", daemon.END], check=True)
    different = sorted(test for test in ours.keys() | theirs.keys() if ours.get(test) != theirs.get(test))
    for test in different:
        print(f"FAILED {test}: {ours.get(test)} on ours, {theirs.get(test)} by hand")
    words = [f"{list(ours.values()).count(word)} {word}" for word in ("passed", "failed", "skipped")]
    print(f"{len(ours)} tests on each: {', '.join(words)}; {len(different)} different")
    return 1 if different or len(ours) < 100 else 0


def outside(target, unit):
    private = ["unshare", "--net", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
    needs = f"{daemon.NEEDS} && command -v iscsi-test-cu"
    if subprocess.run([*private, "bash", "-c", needs], capture_output=True, check=False).returncode != 0:
        print(f"skipped: this machine does not allow {needs}")
        return SKIPPED
    return subprocess.run([*private, sys.executable, "-B", __file__, os.path.abspath(target), os.path.abspath(unit), "in"],
                          check=False).returncode


sys.exit(inside(*sys.argv[1:3]) if len(sys.argv) == 4 else outside(*sys.argv[1:]))
