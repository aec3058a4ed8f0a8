# SPDX-License-Identifier: GPL-2.0-or-later
"""What san-check says of how to mend the cluster's configuration, done to it: python3 -m check.mends BUILD

Those that are commands for the cluster as they stand; others name a file, or need a choice.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from templates import room as private

from . import place
from .cases import CASES
from .rules import changed

_SKIPPED = 77
_ROOT = ('<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.8" epoch="1" num_updates="0" admin_epoch="0" '
         'have-quorum="1">')
_MENDED = ("fencing-off", "fencing-race", "maintenance", "fence-leftover", "move-leftover", "drbd-clone", "drbd-notify",
           "dual-primary", "promoted-monitor", "monitor-missing", "stickiness", "drbd-order", "drbd-colocation")


def _findings(room, files, options):
    document = json.loads(room.check(files, "--output-as=json", *options, status={0, 1, 2}))
    return {finding["rule"]: finding for finding in document["findings"]}


def _command(finding):
    """Behind "when so and so:" there is a command."""
    mend = finding["mend"]
    return mend.split(": ", 1)[1] if mend.startswith("when ") else mend


def _problem(room, rule):
    changes, options = CASES[rule]
    files = changed(room.good_files(), changes)
    files["cib"] = files["cib"].replace("<cib>", _ROOT, 1)
    found = _findings(room, files, options)
    file = room.path / "mended.xml"
    file.write_text(files["cib"])
    command = _command(found[rule])
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={**os.environ, "CIB_file": str(file), "HOME": str(room.path)}, timeout=120)
    if done.returncode != 0:
        return f"{rule}: {command}: exit {done.returncode}: {done.stdout}{done.stderr}"
    left = _findings(room, {**files, "cib": file.read_text()}, options)
    # A command that does what it should mends one thing and harms nothing.
    return f"{rule}: {command}: there is still, or now, {sorted(left)}" if left else None


def main():
    if not shutil.which("cibadmin"):
        print("skipped: cibadmin not installed")
        return _SKIPPED
    # crmsh asks agents where the cluster has them.
    folder = private.enter(Path(sys.argv[1]).resolve())
    try:
        room = place.Place(sys.argv[1])
        problems = [problem for rule in _MENDED if (problem := _problem(room, rule))]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for problem in problems:
        print(problem)
    print(f"{len(_MENDED)} mended, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
