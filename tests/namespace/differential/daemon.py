"""The room in which target agents are tried on tgt: a daemon of the room's own, and what it says afterwards."""

import re

from .bench import Case

# The daemon's socket is where every tgtadm finds it. It ends with the room, or when a case kills it.
BEFORE = r"""
ip link set lo up
ip link add eth0 type veth peer name far0
ip link set far0 up
ip link set eth0 up
ip address add 10.0.0.7/24 dev eth0
mount -t tmpfs none /run
mkdir /run/tgtd /run/lock
truncate -s 16M disk1 disk2
tgtd -f >log 2>&1 &
daemon=$!
echo $daemon >daemon.pid
for attempt in $(seq 200); do
    tgtadm --mode sys --op show >/dev/null 2>&1 && break
    sleep 0.02
done
"""

NEEDS = "mount -t tmpfs none /run && command -v tgtd tgtadm"

# The shell agents try some things for ever; exit code 124.
LIMIT = "timeout -k 1 5"
ENDLESS = 124

AFTER = """
tgtadm --mode target --op show 2>/dev/null || echo 'no daemon'
echo '---- next ----'
tgtadm --mode portal --op show 2>/dev/null || true
echo '---- next ----'
tgtadm --mode account --op show 2>/dev/null || true
"""

END = "kill -9 $(cat daemon.pid) 2>/dev/null || true"

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

_LABELS = {"State": "state", "Type": "type", "SCSI ID": "id", "SCSI SN": "serial", "Online": "online",
           "Backing store type": "by", "Backing store path": "path", "Backing store flags": "flags"}


def _targets(text):
    target, section, unit = "", "", ""
    for line in text.split("\n"):
        words, depth = line.strip(), (len(line) - len(line.lstrip())) // 4
        if not words:
            continue
        if depth == 0:
            target = words.split(": ")[-1]
            yield words
        elif depth == 1:
            section = words.split()[0]
        elif section == "LUN" and depth == 2:
            unit = words.removeprefix("LUN: ")
        elif section == "LUN" and unit != "0":
            label, _, value = words.partition(":")
            if label in _LABELS and value.strip():
                yield f"{target} unit {unit} {_LABELS[label]} {re.sub('.*/', '', value.strip())}"
        elif section == "System" and words.startswith("State"):
            yield f"{target} {words.split()[-1]}"
        elif section == "Account":
            yield f"{target} account {words}"
        elif section == "ACL":
            yield f"{target} admits {words}"


def facts(text, _):
    targets, portals, accounts = text.split("---- next ----")
    yield from _targets(targets)
    yield from (line.strip() for line in portals.strip().split("\n") if line)
    yield from (f"user {line.strip()}" for line in accounts.split("\n") if line.startswith(" "))


ACTIONS = ("start", "stop", "monitor", "probe", "status", "validate-all")


def _case(words, parameters, states, state, action):
    history = tuple(step if isinstance(step, str) else (*step, parameters) for step in states[state])
    return Case(f"{words}; {state}; {action}", action, parameters, "", history)


def cases(states, sets, bad):
    """Every action in every state with plain parameters; the main ones with the other sets, and with bad parameters."""
    for state in states:
        for action in ACTIONS:
            yield _case("plain", sets["plain"], states, state, action)
    for words in list(sets)[1:]:
        for state in ("absent", "started"):
            for action in ("start", "stop", "monitor"):
                yield _case(words, sets[words], states, state, action)
    for words, parameters in bad.items():
        for action in ("start", "stop", "monitor", "probe", "validate-all"):
            yield _case(words, parameters, states, "absent", action)
    yield _case("plain", sets["plain"], states, "absent", "no_such_action")
