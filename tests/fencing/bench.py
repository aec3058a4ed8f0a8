"""One call of a handler on a recorded state: what it is given, and what it leaves."""

import os
import resource
import subprocess
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

STATES = Path(__file__).resolve().parent.parent / "data" / "cib" / "states"


@dataclass(frozen=True)
class Outcome:
    """What can be seen of a call from outside."""

    code: int
    constraints: tuple  # those of handlers, each as one line
    rest: str = ""  # everything else of the CIB, without its version

    def text(self):
        return "\n".join([f"exit {self.code}", *self.constraints])


@dataclass(frozen=True)
class Cost:
    wall: float  # seconds
    processor: float


def prepare(case, place, before=None):
    """The case's files: cib.xml, proc/drbd, events2. `before` is a CIB in place of the recorded one."""
    (place / "proc").mkdir(parents=True)
    (place / "cib.xml").write_text(before or (STATES / f"{case.state}.xml").read_text())
    (place / "proc" / "drbd").write_text("version: 9.2.1 (api:2/proto:86-121)\n" if case.nine else case.disks)
    if case.nine:
        (place / "events2").write_text(case.disks)


def environment(case, place, **more):
    return {"PATH": "/sbin:/usr/sbin:/bin:/usr/bin", "HOME": "/", "TERM": "linux", "CIB_file": str(place / "cib.xml"),
            **{name: value for name, value in case.environment.items() if value}, **more}


def call(command, variables, place):
    """Runs it: (exit status, what it printed, its cost with all its children)."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env=variables, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, check=False)
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, done.stdout + done.stderr, Cost(wall, used)


def outcome(code, place):
    root = xml.parse(place / "cib.xml").getroot()
    section = root.find("configuration/constraints")
    found = []
    for entry in list(section):
        if "handler" in entry.get("id") or "my-prefix" in entry.get("id"):
            found.append(_line(entry))
            section.remove(entry)
    for name in ("epoch", "num_updates", "admin_epoch", "cib-last-written", "update-origin", "update-client",
                 "update-user"):
        root.attrib.pop(name, None)
    return Outcome(code, tuple(sorted(found)), xml.canonicalize(xml.tostring(root), strip_text=True))


def _line(entry):
    """A constraint whatever the order of its attributes and expressions is."""
    own = " ".join(f"{name}={value}" for name, value in sorted(entry.attrib.items()))
    return f"{entry.tag}({own})" + "".join(f" {{{line}}}" for line in sorted(_line(child) for child in entry))


def ours(program, case, place, before=None, **more):
    """Our handler on the case: outcome, what it said, cost."""
    prepare(case, place, before)
    name = f"san-{case.action}-peer"
    command = [program, name, place, case.host, ",".join(case.answers), "1" if case.quorum else "0", *case.arguments()]
    # Where it was built; with the sanitizers the loader does not look at the program's own run path.
    more["LD_LIBRARY_PATH"] = str(Path(program).parent.parent.parent / "lib")
    code, said, cost = call([str(word) for word in command], environment(case, place, **more), place)
    return outcome(code, place), said, cost


def beginning(program, case, by_name, place):
    """The CIB that a case begins with, if that is what another one leaves."""
    if not case.after:
        return None
    ours(program, by_name[case.after], place)
    return (place / "cib.xml").read_text()


def installed(name):
    return any(os.access(Path(place) / name, os.X_OK) for place in ("/usr/sbin", "/usr/bin"))
