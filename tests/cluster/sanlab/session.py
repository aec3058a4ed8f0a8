"""What the programs of one running lab agree on; in a file, because the power switch is a process of its own."""

import json
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import settings

_FILE = "session.json"
_KEPT = "kept"
_LOSSES = "losses"  # written by the power switches


@dataclass(frozen=True)
class Session:
    """One running lab."""

    image: str  # folder of kernel, initramfs, root file system and ssh key
    accelerator: tuple  # options for QEMU
    behind: float  # seconds by which the nodes' clocks are behind the host's: they live in the snapshot's time

    @property
    def identity(self):
        return Path(self.image) / "identity"

    def guest_time(self):
        """Now, for the nodes."""
        return time.time() - self.behind


def begin(session):
    for node in settings.NODES:
        (settings.RUNTIME / node.name).mkdir(parents=True, exist_ok=True)
    settings.WORK.mkdir(parents=True, exist_ok=True)
    (settings.RUNTIME / _FILE).write_text(json.dumps(asdict(session)))


def current():
    try:
        return Session(**json.loads((settings.RUNTIME / _FILE).read_text()))
    except FileNotFoundError:
        raise SystemExit("no lab is running: 'lab up' starts one") from None


@dataclass(frozen=True)
class Loss:
    """When a node was without power, whoever cut it, by the session's time."""

    node: str
    time: float


def note_loss(node):
    with open(settings.RUNTIME / _LOSSES, "a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(Loss(node.name, current().guest_time()))) + "\n")


def losses():
    """Those since the lab began."""
    file = settings.RUNTIME / _LOSSES
    return [Loss(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def keep():
    """Marks the lab as wanted after the end of the process that started it."""
    (settings.RUNTIME / _KEPT).touch()


def kept():
    return (settings.RUNTIME / _KEPT).exists()


def end():
    for place in (settings.RUNTIME, settings.WORK):
        shutil.rmtree(place, ignore_errors=True)
