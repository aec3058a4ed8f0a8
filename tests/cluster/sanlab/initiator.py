"""The initiator: a program on the data network that writes numbered blocks and remembers which were acknowledged."""

import contextlib
import json
import re
import signal
import subprocess

from . import settings
from .waiting import Failure, run, wait_until

# Faster writing keeps the only processor of an emulated node busy with I/O, and the cluster's daemons starve.
RATE = 30
BLOCKS = 4096

NAME = "iqn.2026-01.com.example:san-initiator"  # as the program calls itself
ISID = "00a11c"

URL = f"iscsi://{settings.SERVICE_ADDRESS}:{settings.PORT}/{settings.IQN}/{settings.LUN}"


def login(program, url, *options):
    """One attempt to log in and use a unit: what the unit says it is, or nothing, and the complaint."""
    done = subprocess.run([program, "login", "--url", url, *options], capture_output=True, text=True, timeout=120,
                          check=False)
    return (json.loads(done.stdout) if done.returncode == 0 else None), done.stderr.strip()


def path(program, url):
    """What a unit says of this way to it: its name, its target port groups with their states, and how it answers a read and a write."""
    done = subprocess.run([program, "path", "--url", url], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Failure(f"{url}: exit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def connections():
    """The initiators' ends of their connections to the service address; one that logs in again has another port."""
    listed = run("ss", "-Htn", "state", "established", "dst", f"{settings.SERVICE_ADDRESS}:{settings.PORT}")
    return sorted(line.split()[2] for line in listed.splitlines())


class Initiator:
    """One writer and its log of acknowledgements."""

    def __init__(self, program, place, url=URL, isid=ISID, rate=RATE):
        self._program = program
        self._url = url
        self._rate = rate  # writes per second
        self._isid = isid  # of one initiator's sessions at one target no two may have the same
        self.log = place / "acknowledged"
        self._errors = open(place / "initiator.err", "wb")
        self._process = None

    def start(self, blocks=BLOCKS, *options):
        self._process = subprocess.Popen(
            [self._program, "write", "--url", self._url, "--log", self.log, "--blocks", str(blocks), "--rate", str(self._rate),
             "--isid", self._isid, "--progress", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, text=True)

    def _acknowledged(self):
        """The number of the last acknowledged write, 0 before the first."""
        if self._process.poll() is not None:
            raise Failure(f"the initiator ended by itself with {self._process.returncode}")
        if not self.log.exists():
            return 0
        with open(self.log, "rb") as log:
            log.seek(max(0, self.log.stat().st_size - 1000))
            numbers = re.findall(rb"^ack (\d+) .*\n", log.read(), re.MULTILINE)
        return int(numbers[-1]) if numbers else 0

    def wait_writing(self, timeout):
        """Waits until a write is acknowledged that had not been sent when this was called."""
        enough = self._acknowledged() + 2  # one may be on its way
        wait_until("the initiator to get writes acknowledged", lambda: self._acknowledged() >= enough, timeout, 0.2)

    @contextlib.contextmanager
    def paused(self):
        """Meanwhile the writer neither writes nor logs in."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends the writer and returns its account."""
        self._process.send_signal(signal.SIGTERM)
        try:
            output, _ = self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            raise Failure("the initiator does not end on SIGTERM") from None
        return self._account(output, "write")

    def verify(self):
        """Reads everything back and returns the account of what is missing."""
        done = subprocess.run([self._program, "verify", "--url", self._url, "--log", self.log], capture_output=True,
                              text=True, timeout=600, check=False)
        account = self._account(done.stdout, "verify")
        if done.returncode != 0 and not account.get("lost") and not account.get("torn"):
            raise Failure(f"the initiator cannot verify: exit {done.returncode}: {done.stderr.strip()[-500:]}")
        return account

    def kill(self):
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    @staticmethod
    def _account(output, verb):
        try:
            return json.loads(output.strip().splitlines()[-1])
        except (IndexError, ValueError):
            raise Failure(f"the initiator's '{verb}' printed no account, but: {output[-500:]!r}") from None
