# SPDX-License-Identifier: GPL-2.0-or-later
"""san-check as it was built, on configurations in files, with the agents of the build."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

_DATA = Path(__file__).resolve().parent.parent / "data"
_AGENTS = Path("/usr/lib/ocf")
# The good configuration is the reviewed one of a stack, in a cluster with two nodes.
_STACK = _DATA / "templates" / "san-iscsi-multipath.xml"
_NODES = '<nodes><node id="1" uname="alice"/><node id="2" uname="bob"/></nodes>\n  <resources>'
_SKIPPED = 77


class Place:
    def __init__(self, build):
        build = Path(build).resolve()
        self._program = build / "helpers" / "san-check"
        self._folder = tempfile.TemporaryDirectory(prefix="san-check-")
        self.path = Path(self._folder.name)
        agents = self.path / "ocf" / "resource.d"
        (agents / "san").mkdir(parents=True)
        for agent in (build / "agents").iterdir():
            if agent.is_file() and os.access(agent, os.X_OK):
                (agents / "san" / agent.name).symlink_to(agent)
        # Those of the distribution, by which the stacks of documents are judged.
        for provider in ("heartbeat", "linbit", "pacemaker"):
            if (_AGENTS / "resource.d" / provider).is_dir():
                (agents / provider).symlink_to(_AGENTS / "resource.d" / provider)
        (self.path / "ocf" / "lib").symlink_to(_AGENTS / "lib")

    def need_agents(self, *names):
        missing = [name for name in names if not (self.path / "ocf" / "resource.d" / name).exists()]
        if missing:
            print(f"skipped: {', '.join(missing)} not installed")
            sys.exit(_SKIPPED)

    @staticmethod
    def good_files():
        files = {name: (_DATA / "check" / "base" / file).read_text() for name, file in (
            ("drbd", "drbd.xml"), ("corosync", "corosync.conf"), ("alice", "alice.xml"), ("bob", "bob.xml"))}
        files["cib"] = "<cib>" + _STACK.read_text().replace("<resources>", _NODES, 1) + "</cib>"
        return files

    def check(self, files, *words, status):
        """What it prints about files by their options' names; others are a node's facts."""
        options = []
        for name, text in files.items():
            path = self.path / name
            path.write_text(text)
            options += [f"--{name}" if name in ("cib", "drbd", "corosync", "lvm") else "--read", path]
        command = [self._program, *options, "--ocf-root", self.path / "ocf", *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=60)
        if done.returncode not in status:
            raise AssertionError(f"exit {done.returncode}, expected {sorted(status)}: {done.stdout}{done.stderr}")
        return done.stdout
