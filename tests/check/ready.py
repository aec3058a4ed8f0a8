# SPDX-License-Identifier: GPL-2.0-or-later
"""What san-config writes, read by corosync, drbdadm and san-check, and where san-check's facts come from:
python3 -m check.ready BUILD"""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

from . import place

_NODES = ("--node", "alice=10.1.0.1,10.2.0.1", "--node", "bob=10.1.0.2,10.2.0.2", "--resource", "r0=/dev/sdb1")
_SKIPPED = 77


def _run(*command, **environment):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60, env={**os.environ, **environment})


def _expect(done, status, *words):
    """The sentences that are wrong about how a command has ended."""
    if done.returncode != status:
        yield f"{done.args}: exit {done.returncode}, expected {status}: {done.stdout}{done.stderr}"
    for word in words:
        if word not in done.stdout + done.stderr:
            yield f"{done.args}: {word!r} is not in {done.stdout}{done.stderr}"


def _written(room, config, version):
    """A node's /etc as san-config makes it, judged by those who read it."""
    etc = room.path / f"root-{version}" / "etc"
    command = (config, *_NODES, "--drbd", version, "--directory", etc)
    yield from _expect(_run(*command), 0)
    before = {file: file.read_text() for file in etc.rglob("*") if file.is_file()}
    yield from _expect(_run(*command), 1, "is there already")
    # One that is missing is not made either while another is there.
    (etc / "corosync" / "corosync.conf").unlink()
    yield from _expect(_run(*command), 1, "is there already")
    if (etc / "corosync" / "corosync.conf").exists():
        yield "a file was made although another one was there"
    (etc / "corosync" / "corosync.conf").write_text(before[etc / "corosync" / "corosync.conf"])
    after = {file: file.read_text() for file in etc.rglob("*") if file.is_file()}
    if after != before:
        yield f"files changed: {sorted(map(str, set(after) ^ set(before)))}"

    key = room.path / "authkey"
    key.write_bytes(os.urandom(128))
    text = before[etc / "corosync" / "corosync.conf"].replace("totem {", f"totem {{\n    keyfile: {key}", 1)
    tried = room.path / "tried.conf"
    tried.write_text(text)
    yield from _expect(_run("corosync", "-t", COROSYNC_MAIN_CONFIG_FILE=str(tried)), 0)

    (etc / "drbd.conf").write_text('include "drbd.d/global_common.conf";\ninclude "drbd.d/*.res";\n')
    # drbdadm takes the dialect of the module that is loaded, or of this.
    dump = _run("drbdadm", "--config-file", etc / "drbd.conf", "dump-xml",
                DRBD_DRIVER_VERSION_OVERRIDE={"9": "9.2.0", "8.4": "8.4.11"}[version])
    yield from _expect(dump, 0, 'name="fencing" value="resource-and-stonith"')
    files = {**room.good_files(), "drbd": dump.stdout, "corosync": before[etc / "corosync" / "corosync.conf"]}
    found = json.loads(room.check(files, "--output-as=json", status={0, 1, 2}))["findings"]
    if found:
        yield f"drbd {version}: {found}"


def _refused(config):
    for words, reason in (
            (("--node", "a=10.1.0.1,10.2.0.1"), "two nodes"),
            (("--node", "a=10.1.0.1,10.1.0.3", "--node", "b=10.1.0.2,10.1.0.4"), "one subnet"),
            (("--node", "a=10.1.0.1,10.2.0.1", "--node", "b=10.1.0.2"), "as many addresses"),
            (("--node", "a=10.1.0.1,10.2.0.1", "--node", "b=10.1.0.2,nonsense"), "nonsense"),
            (("--node", "a\n}=10.1.0.1,10.2.0.1", "--node", "b=10.1.0.2,10.2.0.2"), "letters"),
            ((*_NODES, "--resource", "r1=/dev/sdc;}"), "letters"),
            ((*_NODES, "--mail", "root\" -x"), "letters"),
            ((*_NODES, "--token", "400"), "")):
        done = _run(config, *words)
        yield from _expect(done, 64 if "--token" in words else 1, reason)
        if done.stdout:
            yield f"{done.args}: prints something all the same"


def _sources(room, check):
    """The running cluster, for which Pacemaker takes a file as well; a node's files; and neither."""
    cib = room.path / "live.xml"
    cib.write_text(room.good_files()["cib"])
    empty = room.path / "empty"
    empty.mkdir()
    common = ("--local", "--ocf-root", room.path / "ocf")
    live = _run(check, *common, "--rule", "fencing-off", CIB_file=str(cib))
    yield from _expect(live, 0, "looked at cluster: the running cluster")
    yield from _expect(_run(check, *common, "--root", empty), 3, "not looked at: cluster")
    root = room.path / "root-9"
    stored = root / "var/lib/pacemaker/cib/cib.xml"
    stored.parent.mkdir(parents=True)
    stored.write_text(room.good_files()["cib"])
    (root / "etc/drbd.d/r0.res").chmod(0o644)
    (root / "etc/drbd.d/r1.res").write_text(
        (root / "etc/drbd.d/r0.res").read_text().replace("resource r0 {", "resource r1 {\n    disk { resync-after r7/0; }")
        .replace("7788", "7789").replace("minor 0", "minor 1").replace("/dev/sdb1", "/dev/sdc1"))
    done = _run(check, *common, "--root", root, "--output-as=json")
    yield from _expect(done, 2)
    found = {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
    if found != {"resync-after"}:
        yield f"--root: {found}: {done.stdout}"

    yield from _expect(_run(check, "--cib", "/nonexistent"), 3, "cannot be read")
    for words in (("--rule", "nonsense"), ("--except", "nonsense"), ("--output-as", "yaml"), ("--nonsense",), ("word",)):
        yield from _expect(_run(check, *words), 64)
    document = xml.fromstring(_run(check, "--cib", cib, "--ocf-root", room.path, "--output-as=xml").stdout)
    if document.tag != "san-check" or document.get("format") != "1" or document.find("source") is None:
        yield f"--output-as=xml: {document.attrib}"


def main():
    if missing := [name for name in ("corosync", "drbdadm") if not shutil.which(name)]:
        print(f"skipped: {', '.join(missing)} not installed")
        return _SKIPPED
    build = Path(sys.argv[1]).resolve()
    room = place.Place(build)
    config, check = build / "helpers" / "san-config", build / "helpers" / "san-check"
    problems = []
    for version in ("9", "8.4"):
        problems += _written(room, config, version)
    problems += _refused(config)
    problems += _sources(room, check)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
