"""Initiators that make persistent reservations, and what the cluster keeps of them."""

import json
import subprocess

from . import access, initiator
from .waiting import Failure

GOOD, CONFLICT = "good", "reservation conflict"

# Says when the configuration that this node has on its disk contains a text. It is replaced as a whole, by renaming.
_WAIT = r"""
import pathlib, time
cib = pathlib.Path("/var/lib/pacemaker/cib/cib.xml")
print("ready", flush=True)
while {text!r} not in cib.read_text():
    time.sleep(0.02)
"""


class Client:
    """One initiator port: a name and an ISID."""

    def __init__(self, program, name, isid):
        self._program = program
        self._who = ["--url", initiator.URL, "--initiator-name", name, "--isid", isid]

    def ask(self, verb, *more, seconds=60):
        """Does it in a session of its own, and returns the target's answer and the keys that it told."""
        done = subprocess.run([self._program, verb, *self._who, "--seconds", str(seconds), *more], capture_output=True,
                              text=True, timeout=seconds + 60, check=False)
        if done.returncode not in (0, 1) or not done.stdout:
            raise Failure(f"the initiator's '{verb}': exit {done.returncode}: {done.stderr.strip()[-500:]}")
        account = json.loads(done.stdout)
        return account["answer"], account["keys"]

    def must(self, answer, verb, *more, seconds=60):
        """As ask, for an answer that has to come. Returns the keys."""
        given, keys = self.ask(verb, *more, seconds=seconds)
        if given != answer:
            raise Failure(f"'{verb}' was answered '{given}', not '{answer}'")
        return keys


def wait_on_disk(node, text):
    """Begins to wait until the node's disk has this text of the cluster's configuration; the result waits on."""
    waiting = subprocess.Popen([*access.arguments(node), "python3 -u -"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    waiting.stdin.write(_WAIT.format(text=text))
    waiting.stdin.close()
    if waiting.stdout.readline() != "ready\n":
        raise Failure(f"{node}: nothing can wait for the cluster's configuration")

    def finish(timeout=60):
        try:
            if waiting.wait(timeout) != 0:
                raise Failure(f"{node}: waiting for the cluster's configuration: exit {waiting.returncode}")
        except subprocess.TimeoutExpired:
            waiting.kill()
            raise Failure(f"{node}: {timeout} s without {text!r} in the cluster's configuration") from None
    return finish
