"""Names, addresses and places of the lab: every fact that more than one part needs."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent  # tests/cluster

_OTHER = os.environ.get("SAN_LAB", "")  # the name of a lab beside the usual one
if not re.fullmatch("[a-z0-9]{0,8}", _OTHER):
    raise SystemExit(f"SAN_LAB={_OTHER!r}: expected up to eight small letters and digits")


def _own(name):
    """What each lab has of its own."""
    return f"{name}-{_OTHER}" if _OTHER else name


NAMESPACE = _own("sanlab")
CLUSTER = "san-lab"

DRBD_RESOURCE = "r0"
VOLUME_GROUP = "vg_san"
VOLUME = "lun1"
IQN = "iqn.2026-01.org.example:san.lun1"
LUN = 1
PORT = 3260

FENCING_USER = "fencer"
FENCING_PASSWORD = "lab-only"  # of a power switch that exists inside the namespace only


@dataclass(frozen=True)
class Network:
    """One bridge in the namespace, with the host as .1 on it."""

    name: str
    short: str  # interface names end after 15 characters
    prefix: str

    @property
    def host(self):
        return f"{self.prefix}.1"


@dataclass(frozen=True)
class Node:
    """One virtual machine."""

    name: str
    number: int

    def address(self, network):
        return f"{network.prefix}.{10 + self.number}"

    def tap(self, network):
        return f"{self.name}-{network.short}"

    def mac(self, network):
        return f"52:54:00:5a:{NETWORKS.index(network):02x}:{self.number:02x}"

    @property
    def power_port(self):
        return 6230 + self.number

    def file(self, name):
        return RUNTIME / self.name / name

    def disk(self, name):
        return WORK / f"{self.name}-{name}.qcow2"

    def __str__(self):
        return self.name


MANAGEMENT = Network("management", "mgmt", "10.87.41")  # ssh, ring 0, power switch
REPLICATION = Network("replication", "repl", "10.87.42")  # DRBD, ring 1
DATA = Network("data", "data", "10.87.43")  # initiators
NETWORKS = (MANAGEMENT, REPLICATION, DATA)

ALICE = Node("alice", 1)
BOB = Node("bob", 2)
NODES = (ALICE, BOB)

SERVICE_ADDRESS = f"{DATA.prefix}.100"


def _cache():
    if place := os.environ.get("SAN_LAB_CACHE"):
        return Path(place).absolute()
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home) / "san-agents" / "lab"


def _runtime():
    places = (os.environ.get("XDG_RUNTIME_DIR"), "/run")
    for place in filter(None, places):
        if os.access(place, os.W_OK):
            return Path(place) / _own("san-lab")
    return Path("/tmp") / _own("san-lab")


CACHE = _cache()  # images and snapshots, kept between runs
WORK = CACHE / _own("work")  # disks of the running nodes; hundreds of MiB, so not in RUNTIME, which is often memory
ARTEFACTS = CACHE / "artefacts"  # what failed scenarios leave behind
LOCK = CACHE / _own("lock")
RUNTIME = _runtime()  # sockets, process numbers, logs of the running nodes


def node(name):
    """The node of that name."""
    for candidate in NODES:
        if candidate.name == name:
            return candidate
    raise SystemExit(f"no node '{name}': there are {' and '.join(map(str, NODES))}")


def peer(of):
    """The other node."""
    return next(other for other in NODES if other != of)


def facts():
    """What may stand between two @ in the files of a node."""
    values = {"drbd_resource": DRBD_RESOURCE}
    for machine in NODES:
        values[machine.name] = machine.name
        for network in NETWORKS:
            values[f"{machine.name}_{network.name}"] = machine.address(network)
    return values


def filled(text):
    """A text with every @fact@ replaced."""
    for key, value in facts().items():
        text = text.replace(f"@{key}@", value)
    return text
