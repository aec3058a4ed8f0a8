# SPDX-License-Identifier: GPL-2.0-or-later
"""foreign_hands.py AGENTS FENCE CIB: what a user without rights can do to the files and locks of agents and handlers.

Everything that agents make is tried by that user: he must not be able to write it or to make anything beside it. And where
everybody may make files, he was there first: a handler must not follow his links, nor wait for his locks. Needs root, who
becomes nobody for this; mounts, network and processes are private.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SKIPPED = 77
NOBODY = 65534

# Resources whose agents keep something on the node between actions.
RESOURCES = {
    "portblock": {"ip": "10.0.0.7", "protocol": "tcp", "portno": "3260", "action": "block"},
    "MailTo": {"email": "root"},
    "drbd-attr": {"dampening_delay": "0"},
}

PROGRAMS = ("sendmail", "attrd_updater", "drbdadm")
STATE = Path("/run/resource-agents")
LOCKS = Path("/run/lock")
PLACE = LOCKS / "drbd"
FILE = PLACE / "fence.r0"
VICTIM = Path("/run/root-only/victim")


def as_nobody(act):
    """What `act` returns, done by that user; an exception's name."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            answer = str(act())
        except OSError as problem:
            answer = type(problem).__name__
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()


def tries(path):
    """Each attempt at something of ours that has come off."""
    def attempt(what, act):
        if (answer := as_nobody(act)) not in ("PermissionError", "FileNotFoundError"):
            yield f"nobody can {what} {path}: {answer}"
    if stat.S_ISDIR(os.lstat(path).st_mode):
        yield from attempt("make a file in", lambda: os.open(path / "planted", os.O_CREAT | os.O_WRONLY))
        yield from attempt("make a link in", lambda: os.symlink("/etc/passwd", path / "planted"))
        # Nobody waits for a lock on the directory of all.
        if path != STATE:
            yield from attempt("lock", lambda: fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB))
    else:
        yield from attempt("write", lambda: os.open(path, os.O_WRONLY))
        yield from attempt("read", lambda: os.open(path, os.O_RDONLY))
        yield from attempt("remove", lambda: os.unlink(path))


def act(agents, name, action):
    variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": "p_test", "OCF_RESKEY_CRM_meta_timeout": "20000",
                 "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    variables.update({f"OCF_RESKEY_{key}": value for key, value in RESOURCES[name].items()})
    done = subprocess.run([agents / name, action], env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        yield f"{name} {action}: exit {done.returncode}: {done.stderr}"


def agents_files(agents):
    for name in RESOURCES:
        # With no mask of the caller's that would do the agent's work.
        os.umask(0)
        yield from act(agents, name, "start")
        made = list(STATE.rglob("*"))
        if not made:
            yield f"{name}: there is nothing to try"
        for path in (STATE, *made):
            yield from tries(path)
        yield from act(agents, name, "stop")


def handed_on():
    """What a program that an agent starts finds in its environment."""
    try:
        # What is left in the background is this process's child.
        while os.waitpid(-1, 0):
            pass
    except ChildProcessError:
        pass
    found = Path("/run/handed-to-sendmail").read_text(encoding="utf-8").split("\n")
    if not any(line.startswith("OCF_RESKEY_CRM_meta_timeout=") for line in found):
        yield f"this environment shows nothing: {found}"
    yield from (f"a program was handed {line}" for line in found
                if line.startswith("OCF_RESKEY_") and not line.startswith("OCF_RESKEY_CRM_meta_"))


def fence(handler, cib, *options):
    """What the handler complains of, and how long it took."""
    begin = time.monotonic()
    copy = Path("/run/cib.xml")
    shutil.copy(cib, copy)
    try:
        said = subprocess.run([handler, "--timeout", "0", "--dc-timeout", "0", "--flock-timeout", "5", *options],
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CIB_file": str(copy), "DRBD_RESOURCE": "r0",
                                   "DRBD_PEER": "bob", "DRBD_MINOR": "0"},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=20).stderr
    except subprocess.TimeoutExpired:
        said = "it did not end"
    return said, time.monotonic() - begin


def clear():
    for path in (PLACE, VICTIM.parent):
        if path.is_symlink():
            path.unlink()
        shutil.rmtree(path, ignore_errors=True)
    VICTIM.parent.mkdir(mode=0o755)


def plant_directory():
    PLACE.mkdir(mode=0o777)


def plant_link_in_directory():
    PLACE.mkdir(mode=0o755)
    FILE.symlink_to(VICTIM)


def plant_link():
    PLACE.symlink_to(VICTIM.parent)


def plant_fifo():
    PLACE.mkdir(mode=0o755)
    os.mkfifo(FILE)


def first_come(handler, cib):
    for plant in (plant_directory, plant_link_in_directory, plant_link, plant_fifo):
        clear()
        if as_nobody(plant) != "None":
            yield f"{plant.__name__}: nothing was planted: nothing is shown by this"
        said, took = fence(handler, cib)
        if list(VICTIM.parent.iterdir()):
            yield f"{plant.__name__}: the handler made {list(VICTIM.parent.iterdir())}"
        if "others cannot replace" not in said:
            yield f"{plant.__name__}: the handler trusted it: {said}"
        if took > 4:
            yield f"{plant.__name__}: the handler waited {took:.1f} s"
        refused, _ = fence(handler, cib, "--flock-required")
        if "no lock" not in refused:
            yield f"{plant.__name__}: a lock was had all the same: {refused}"


def lock_of_the_scripts(handler, cib):
    """Readable for everybody, as a shell makes it: so everybody could lock it."""
    clear()
    PLACE.mkdir(mode=0o755)
    PLACE.chmod(0o755)
    FILE.touch(mode=0o644)
    FILE.chmod(0o644)
    said, _ = fence(handler, cib)
    if "no lock" in said:
        yield f"the scripts' own lock was not taken: {said}"

    def hold():
        return fcntl.flock(os.open(FILE, os.O_RDONLY), fcntl.LOCK_EX)
    if (answer := as_nobody(hold)) != "PermissionError":
        yield f"nobody can lock what fencing waits for: {answer}"


def inside(agents, handler, cib):
    found = [*agents_files(agents), *handed_on(), *first_come(handler, cib), *lock_of_the_scripts(handler, cib)]
    for line in found:
        print(f"FAILED {line}")
    print(f"{len(RESOURCES)} agents and a handler, with somebody else around: {len(found)} failures")
    return 1 if found else 0


def outside(*arguments):
    if os.geteuid() != 0:
        print("skipped: only root can become somebody else")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="san-programs-") as programs:
        for name in PROGRAMS:
            (Path(programs) / name).write_text(f"#!/bin/sh\nenv >/run/handed-to-{name}\ncat >/dev/null\n", encoding="ascii")
            (Path(programs) / name).chmod(0o755)
        room = (f"mount -t overlay overlay -o lowerdir={programs}:/usr/sbin /usr/sbin; mount -t tmpfs -o mode=755 none /run; "
                "mkdir /run/lock; chmod 1777 /run/lock; exec \"$@\"")
        private = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "bash", "-e", "-c", room, "bash"]
        if subprocess.run([*private, "true"], capture_output=True, check=False).returncode != 0:
            print("skipped: this machine does not allow mounts of our own")
            return SKIPPED
        return subprocess.run([*private, sys.executable, "-B", __file__, *map(os.path.abspath, arguments), "in"],
                              check=False).returncode


sys.exit(inside(*map(Path, sys.argv[1:4])) if len(sys.argv) == 5 else outside(*sys.argv[1:]))
