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

    time: float  # of the session, by which entries of both nodes can be ordered: their clocks differ by up to a second
    node: str
    source: str
    text: str

    def __str__(self):
        stamp = time.strftime("%H:%M:%S", time.gmtime(self.time)) + f".{int(self.time % 1 * 1000):03d}"
        return f"{stamp} {self.node} {self.source}: {self.text}"


_READINGS = 5
_CLOCK = f"for _ in $(seq {_READINGS}); do date +%s.%N; done"


def _ahead(lines):
    """By how much a node's clock is ahead of the session's: what that reading says which took the shortest way."""
    found = []
    for line in itertools.islice(lines, _READINGS):
        with contextlib.suppress(ValueError):  # cut off by a loss of power
            found.append(float(line) - session.current().guest_time())
    return max(found, default=0.0)


class Journal:
    """What both nodes have logged since it was made, or since a time on their clocks."""

    def __init__(self, since=None):
        self._begin = "--lines=0" if since is None else f"--since=@{since:.0f}"
        self._entries = []
        self._news = threading.Condition()
        self._over = False
        self._readers = {}
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
            command = (f"{_CLOCK}; journalctl --follow --no-pager --output=json --output-fields=MESSAGE,SYSLOG_IDENTIFIER "
                       f"'{position}'")
            # A connection of its own: the shared one may be closed by a scenario at any time.
            reader = subprocess.Popen([*access.arguments(node, "-o", "ControlPath=none"), command],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self._readers[node] = reader
            ahead = _ahead(reader.stdout)
            for line in reader.stdout:
                try:
                    fields = json.loads(line)
                except ValueError:  # cut off by a loss of power
                    continue
                position = f"--after-cursor={fields['__CURSOR']}"
                self._add(Entry(int(fields["__REALTIME_TIMESTAMP"]) / 1e6 - ahead, node.name,
                                str(fields.get("SYSLOG_IDENTIFIER", "?")), str(fields.get("MESSAGE", ""))))
            reader.wait()
            time.sleep(1)  # the node is off or booting: nothing announces that it can be asked again

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
