"""The faults: what each draws from a seed, does to a node, and takes back.

A fault strikes "serving", the node that has the storage, or "other". Fencing of the struck node because of it is never, may or
must be: a node that is dark or hangs must be fenced, else nobody may take over; one that lost a cable of two must not.
"""

import os
import signal
import time
from dataclasses import dataclass, field

from .. import access, machine, session, settings
from ..waiting import Failure
from . import links

NEVER, MAY, MUST = "never", "may", "must"


@dataclass
class Strike:
    """One fault that lasts: how it is taken back, on the host or on the node."""

    mend_here: object = None  # a function
    mend_there: object = None  # makes a shell command that may be repeated, and is needed even after a reboot
    switch_on: bool = False


@dataclass(frozen=True)
class Fault:
    """One kind."""

    name: str
    fencing: str
    strike: object  # (lab, node, values) -> Strike
    draw: object = field(default=lambda _: {})  # (random) -> values, of JSON


def _on(node, command):
    access.on(node, command, timeout=60)


def _on_node(command, mend=""):
    """A fault that is a shell command on the node; {names} are its values."""
    def strike(_lab, node, values):
        _on(node, command.format(**values))
        return Strike(mend_there=(lambda: mend.format(**values)) if mend else None)
    return strike


def _power(lab, node, _values):
    lab.cut_power(node)
    # The peer's fencing switches it on again; if there is no peer, a person does.
    return Strike(switch_on=True)


def _reset(_lab, node, _values):
    _on(settings.peer(node), f"stonith_admin --reboot {node} --timeout 180 </dev/null >/dev/null 2>&1 &")
    return Strike(switch_on=True)


def _freeze(_lab, node, _values):
    pid = machine.process(node)
    if pid is None:
        raise Failure(f"{node} is off")
    os.kill(pid, signal.SIGSTOP)

    def thaw():
        if machine.process(node) == pid:
            os.kill(pid, signal.SIGCONT)
    return Strike(mend_here=thaw, switch_on=True)


def _late(lab, node, values):
    """It loses its power, and its cluster software comes back late."""
    _on(node, f"mkdir -p $(dirname {_LATE}) && printf '[Service]\\nExecStartPre=/bin/sleep {values['seconds']}\\n"
              f"TimeoutStartSec=600\\n' >{_LATE} && sync -f {_LATE}")
    lab.cut_power(node)
    return Strike(mend_there=lambda: f"rm -f {_LATE}", switch_on=True)


def _slow_disk(_lab, node, values):
    machine.slow_down(node, values["operations"])

    def mend():
        if machine.is_on(node):  # QEMU forgets it with the machine
            machine.slow_down(node, 0)
    return Strike(mend_here=mend)


def _slow_volume(_lab, node, values):
    def load(table):
        return f"{table} | dmsetup load {_VOLUME} && dmsetup resume {_VOLUME}"
    _on(node, f"dmsetup table {_VOLUME} >{_TABLE} && " + load(f"sed 's/linear.*/& {values['milliseconds']}/; s/linear/delay/' {_TABLE}"))
    return Strike(mend_there=lambda: f"if dmsetup table {_VOLUME} 2>/dev/null | grep -q delay; then {load('cat ' + _TABLE)}; fi")


def _cut(_lab, node, values):
    network = links.network(values["network"])
    links.drop(node, network, values["direction"], values.get("percent", 100))
    return Strike(mend_here=links.mend)


def _flap(_lab, node, values):
    for _ in range(values["times"]):
        links.drop(node, links.network(values["network"]))
        time.sleep(values["seconds"])  # how long a flap is, is the fault
        links.mend()
        time.sleep(values["seconds"])
    return Strike()


def _isolate(_lab, node, _values):
    for network in (settings.MANAGEMENT, settings.REPLICATION):
        links.drop(node, network)
    return Strike(mend_here=links.mend, switch_on=True)


def _clock(_lab, node, values):
    _on(node, f"date --set=@$(($(date +%s) + {values['seconds']})) >/dev/null")
    return Strike(mend_there=lambda: f"date --set=@{session.current().guest_time():.0f} >/dev/null")


_DAEMONS = ("pacemakerd", "pacemaker-based", "pacemaker-fenced", "pacemaker-execd", "pacemaker-attrd",
            "pacemaker-schedulerd", "pacemaker-controld")
_VOLUME = f"{settings.VOLUME_GROUP}-{settings.VOLUME}"
_TABLE = "/run/lab-table"
_LATE = "/etc/systemd/system/corosync.service.d/lab-late.conf"
_HANGING = "/run/lab-hangs"  # a program that never ends; bound over another one it goes with a reboot
_HANG = (f"printf '#!/bin/sh\\nexec sleep infinity\\n' >{_HANGING} && chmod 755 {_HANGING} && "
         "mount --bind " + _HANGING + " $(readlink -f $(command -v {program}))")
_UNHANG = ("while umount $(readlink -f $(command -v {program})) 2>/dev/null; do :; done; pkill -KILL -f '[s]leep infinity'; true")
_HOG = ("python3 -c 'import time; open(\"/proc/self/oom_score_adj\", \"w\").write(\"-1000\"); a = bytearray({mib} << 20); "
        "time.sleep(600)' </dev/null >/dev/null 2>&1 &")


def _networks(random):
    return {"network": random.choice([network.short for network in settings.NETWORKS]),
            "direction": random.choice(("both", "from", "to"))}


FAULTS = {fault.name: fault for fault in (
    Fault("power", MUST, _power),
    Fault("reset", MUST, _reset),
    Fault("late", MUST, _late, lambda random: {"seconds": random.choice((30, 90))}),
    Fault("freeze", MAY, _freeze),
    Fault("cut", NEVER, _cut, _networks),
    Fault("loss", NEVER, _cut, lambda random: {**_networks(random), "percent": random.choice((5, 20, 40))}),
    Fault("flap", NEVER, _flap, lambda random: {"network": _networks(random)["network"], "times": random.randint(2, 6),
                                                "seconds": random.choice((0.5, 1, 3))}),
    Fault("isolate", MUST, _isolate),
    Fault("corosync", MUST, _on_node("pkill -KILL -x corosync")),
    Fault("tgtd", MAY, _on_node("pkill -KILL -x tgtd")),
    Fault("daemon", MAY, _on_node("pkill -KILL -x {pattern}"),
          # The kernel keeps 15 characters of a name.
          lambda random: {"pattern": random.choice(_DAEMONS)[:15]}),
    Fault("agents", MAY, _on_node("for _ in $(seq {times}); do while ! pkill -KILL -f '[r]esource.d/(san|heartbeat|linbit)/'; do "
                                  "sleep 0.1; done; done </dev/null >/dev/null 2>&1 &", "pkill -f '[p]kill -KILL -f'; true"),
          lambda random: {"times": random.randint(1, 3)}),
    Fault("diskless", NEVER, _on_node(f"drbdadm detach --force {settings.DRBD_RESOURCE}",
                                      f"drbdadm attach {settings.DRBD_RESOURCE} 2>/dev/null; true")),
    Fault("slow-disk", MAY, _slow_disk, lambda random: {"operations": random.choice((1, 5, 20))}),
    Fault("volume-errors", MAY, _on_node(
        f"size=$(blockdev --getsz /dev/mapper/{_VOLUME}) && dmsetup suspend --nolockfs --noflush {_VOLUME} && "
        f"dmsetup load {_VOLUME} --table \"0 $size error\" && dmsetup resume {_VOLUME}")),
    Fault("volume-slow", MAY, _slow_volume, lambda random: {"milliseconds": random.choice((100, 500, 2000))}),
    Fault("volume-hangs", MAY, _on_node(f"dmsetup suspend --nolockfs --noflush {_VOLUME}",
                                        f"dmsetup resume {_VOLUME} 2>/dev/null; true")),
    Fault("full-run", MAY, _on_node("head -c 2G /dev/zero >/run/lab-fills 2>/dev/null; true", "rm -f /run/lab-fills")),
    Fault("full-disk", MAY, _on_node("fallocate -l $(($(stat -f -c '%a*%S' /)))  /lab-fills 2>/dev/null || "
                                     "head -c 20G /dev/zero >/lab-fills 2>/dev/null; true", "rm -f /lab-fills")),
    Fault("clock", NEVER, _clock,
          lambda random: {"seconds": random.choice((-86400, -120, 120, 86400))}),
    Fault("memory", MAY, _on_node(_HOG, "pkill -KILL -f '[o]om_score_adj'; true"),
          lambda random: {"mib": random.choice((500, 900))}),
    Fault("tool-hangs", MAY, _on_node(_HANG, _UNHANG), lambda random: {"program": random.choice(("drbdadm", "lvm"))}),
    Fault("broken-drbd-file", NEVER, _on_node(
        "[ -e /etc/drbd.d/lab-broken.res ] || echo 'resource lab-broken {{ nonsense;' >/etc/drbd.d/lab-broken.res",
        "rm -f /etc/drbd.d/lab-broken.res")),
    Fault("broken-lvm-file", MAY, _on_node("cp -n /etc/lvm/lvm.conf /etc/lvm/lab-kept; echo 'devices {{ nonsense' >>/etc/lvm/lvm.conf",
                                           "[ ! -e /etc/lvm/lab-kept ] || mv /etc/lvm/lab-kept /etc/lvm/lvm.conf")),
    Fault("move", NEVER, lambda lab, node, _values: lab.move(settings.peer(node)) or Strike(mend_here=lab.forget_move)),
    Fault("standby", NEVER, _on_node("crm_attribute --node $(crm_node -n) --name standby --update on",
                                     "crm_attribute --node $(crm_node -n) --name standby --update off")),
)}

