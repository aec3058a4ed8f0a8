"""One agent, one action, one private room: the exit code, and what is there afterwards.

Every run gets namespaces of its own, so that no case sees another one's remains.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

INTERVALS = {"monitor": 10000}
MARK = "---- afterwards ----"
REAPER = Path(__file__).with_name("reap.py")


@dataclass(frozen=True)
class Case:
    """One action in one state; the name says both: "parameters; state; action".

    In values SCRATCH is the directory in which the run takes place.
    """

    name: str
    action: str  # probe and monitor differ in the interval
    parameters: dict = field(hash=False)
    before: str = ""  # shell commands that lead to the state
    history: tuple = ()  # what the agent did before: a resource's name, its action, its parameters; or a shell command
    instance: str = "p_test"
    meta: dict = field(default_factory=dict, hash=False)

    @property
    def state(self):
        return self.name.split("; ")[-2]


@dataclass(frozen=True)
class Outcome:
    code: int
    facts: tuple  # what is there afterwards, a line each
    reason: str = field(compare=False)

    def __str__(self):
        return f"exit {self.code}, " + ("; ".join(self.facts) or "nothing")


def _environment(instance, action, parameters, meta, room, scratch):
    variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": 1, "OCF_RA_VERSION_MINOR": 1,
                 "OCF_RESOURCE_INSTANCE": instance, "OCF_RESOURCE_PROVIDER": "test", "OCF_RESOURCE_TYPE": "test",
                 "OCF_EXIT_REASON_PREFIX": "ocf-exit-reason:", "HA_RSCTMP": scratch, "HA_LOGFACILITY": "none",
                 "OCF_RESKEY_CRM_meta_timeout": 20000,
                 "OCF_RESKEY_CRM_meta_interval": INTERVALS.get(action, 0),
                 "PATH": room.PATH}
    variables.update({f"OCF_RESKEY_CRM_meta_{name}": value for name, value in meta.items()})
    variables.update({f"OCF_RESKEY_{name}": value for name, value in parameters.items()})
    return " ".join(f"{name}={shlex.quote(str(value).replace('SCRATCH', scratch))}" for name, value in variables.items())


def _call(agent, instance, action, parameters, meta, room, scratch):
    environment = _environment(instance, action, parameters, meta, room, scratch)
    return f"env -i {environment} {shlex.quote(str(agent))} {({'probe': 'monitor'}).get(action, action)}"


def _script(case, agent, room, scratch):
    history = "\n".join(step if isinstance(step, str) else f"{_call(agent, *step, case.meta, room, scratch)} >/dev/null 2>&1"
                        for step in case.history)
    call = _call(agent, case.instance, case.action, case.parameters, case.meta, room, scratch)
    return f"""
set -e
cd {scratch}
{room.BEFORE}
{case.before}
set +e
{history}
{getattr(room, "LIMIT", "")} {sys.executable} -B {REAPER} {call} \\
    >stdout 2>stderr
echo $?
echo '{MARK}'
{room.AFTER}
{getattr(room, "END", "")}
"""


def _command(script):
    command = ["unshare", "--net", "--mount", "--", "bash", "-c", script]
    if os.geteuid() != 0:
        command[1:1] = ["--user", "--map-root-user"]
    return command


def possible(room):
    """Whether this machine lets us make such a room."""
    return subprocess.run(_command(room.NEEDS), capture_output=True, check=False).returncode == 0


def run(case, agent, room):
    with tempfile.TemporaryDirectory(prefix="san-differential-") as scratch:
        done = subprocess.run(_command(_script(case, agent, room, scratch)), capture_output=True, text=True,
                              timeout=120, check=False)
        code, mark, rest = done.stdout.partition(MARK)
        if not mark:
            raise RuntimeError(f"{case.name}: {done.stderr}")
        said = Path(scratch, "stderr").read_text(encoding="utf-8", errors="replace")
        reasons = [line for line in said.split("\n") if "ocf-exit-reason:" in line]
        return Outcome(int(code), tuple(sorted(room.facts(rest, Path(scratch)))),
                       reasons[-1] if reasons else said.strip()[-200:])
