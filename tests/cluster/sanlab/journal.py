"""The nodes' journals, followed live: the events that scenarios wait for, and the record that they are judged by.

Followed from outside, because what a node has written to its own disk in the last seconds dies with its power.
"""

import contextlib
import itertools
import json
import re
import subprocess
import threading
import time
from dataclasses import dataclass

from . import access, session, settings
from .waiting import Failure


@dataclass(frozen=True)
class Entry:
    """One line of a journal."""

    time: float  # of the session, by which entries of both nodes can be ordered: clocks differ, and may be set
    node: str
    source: str
    text: str

    def __str__(self):
        stamp = time.strftime("%H:%M:%S", time.gmtime(self.time)) + f".{int(self.time % 1 * 1000):03d}"
        return f"{stamp} {self.node} {self.source}: {self.text}"


@dataclass(frozen=True)
class Boot:
    """A node has begun anew, so that nothing of before is running there."""

    node: str
    time: float  # of the session


_READINGS = 5
_CLOCK = f"cat /proc/sys/kernel/random/boot_id; for _ in $(seq {_READINGS}); do cat /proc/uptime; done"


def _booted(lines):
    """When the node was booted, by the session's time: what that reading says which took the shortest way."""
    found = []
    for line in itertools.islice(lines, _READINGS):
        with contextlib.suppress(ValueError, IndexError):  # cut off by a loss of power
            found.append(session.current().guest_time() - float(line.split()[0]))
    return min(found, default=None)


class Journal:
    """What both nodes have logged since it was made, or since a time on their clocks."""

    def __init__(self, since=None):
        self._begin = "--lines=0" if since is None else f"--since=@{since:.0f}"
        self._entries = []
        self._news = threading.Condition()
        self._over = False
        self._readers = {}
        self._boots = {}  # by the kernel's name of each: Boot
        for node in settings.NODES:
            threading.Thread(target=self._follow, args=(node,), daemon=True).start()

    def catch_up(self):
        """Returns when all that the nodes have logged until now has been read."""
        for node in settings.NODES:
            word = f"read until here: {time.monotonic_ns()}"
            access.on(node, f"logger --tag lab '{word}'")
            self.wait_for(word, 60, 0, node)

    def close(self):
        self._over = True
        for reader in self._readers.values():
            reader.kill()

    def _follow(self, node):
        """Reads one node until the end, across its reboots."""
        position = self._begin
        while not self._over:
            command = (f"{_CLOCK}; journalctl --follow --no-pager --output=json "
                       f"--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_BOOT_ID '{position}'")
            # A connection of its own: the shared one may be closed by a scenario at any time.
            reader = subprocess.Popen([*access.arguments(node, "-o", "ControlPath=none"), command],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self._readers[node] = reader
            boot = reader.stdout.readline().strip().replace(b"-", b"").decode()
            booted = _booted(reader.stdout)
            if booted is not None:
                self._boots.setdefault(boot, Boot(node.name, booted))
            for line in reader.stdout:
                try:
                    fields = json.loads(line)
                except ValueError:  # cut off by a loss of power
                    continue
                position = f"--after-cursor={fields['__CURSOR']}"
                self._add(Entry(self._moment(fields), node.name, str(fields.get("SYSLOG_IDENTIFIER", "?")),
                                str(fields.get("MESSAGE", ""))))
            reader.wait()
            time.sleep(1)  # the node is off or booting: nothing announces that it can be asked again

    def _moment(self, fields):
        """Session's time of an entry. Of a boot during which nobody asked, the node's clock has to do."""
        if boot := self._boots.get(fields.get("_BOOT_ID")):
            return boot.time + int(fields["__MONOTONIC_TIMESTAMP"]) / 1e6
        return int(fields["__REALTIME_TIMESTAMP"]) / 1e6

    def boots(self):
        """The boots of nodes since it was made."""
        first = {}
        return [boot for boot in sorted(self._boots.values(), key=lambda boot: boot.time)
                if first.setdefault(boot.node, boot) is not boot]

    def _add(self, entry):
        with self._news:
            self._entries.append(entry)
            self._news.notify_all()

    def mark(self):
        """A place in the record, for wait_for and entries."""
        with self._news:
            return len(self._entries)

    def entries(self, since=0):
        with self._news:
            return sorted(self._entries[since:], key=lambda entry: entry.time)

    def wait_for(self, pattern, timeout, since=0, node=None):
        """The first entry since a mark whose text has the pattern; waits until there is one."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for entry in self._entries[since:]:
                    if (node is None or entry.node == node.name) and re.search(pattern, entry.text):
                        return entry
                since = len(self._entries)
                if not self._news.wait(max(0.0, deadline - time.monotonic())):
                    raise Failure(f"waited {timeout:.0f} s in vain for a log entry with '{pattern}'")
