"""A fio job on a unit: blocks anywhere in it, several at once, written, read back and compared all the time.

The host's kernel has no iSCSI initiator, and Debian's fio no engine for one: qemu-nbd logs in to the target, and again after
each loss of its connection, and is a device of fio's engine nbd.
"""

import subprocess

from . import settings
from .waiting import Failure, wait_until

_NAME = "iqn.2026-01.com.example:fio"
_MEBIBYTES = 16
_RATE = 5  # reads and writes per second, each; see initiator.RATE

# Terse output, version 3, counted from 0 (fio's HOWTO, "Terse output").
_ERROR, _READ_BYTES, _WRITTEN_BYTES = 4, 5, 46  # KiB

_COMMON = ["--output-format=terse", "--name=verified", "--ioengine=nbd", f"--size={_MEBIBYTES}m", "--verify=crc32c",
           "--verify_fatal=1", "--randrepeat=0"]


def progress(output):
    """What a job's last whole line says: its error, and how many KiB it has read and written."""
    lines = [line for line in output.splitlines(keepends=True) if line.endswith("\n") and line.startswith("3;")]
    if not lines:
        return 0, 0, 0
    fields = lines[-1].split(";")
    return int(fields[_ERROR]), int(fields[_READ_BYTES]), int(fields[_WRITTEN_BYTES])


class Fio:
    """One job, with the interface of an Initiator."""

    def __init__(self, place, lun):
        self._place = place
        self._unit = ",".join((
            "driver=raw", "file.driver=iscsi", "file.transport=tcp", f"file.portal={settings.SERVICE_ADDRESS}:{settings.PORT}",
            f"file.target={settings.IQN}", f"file.lun={lun}", f"file.initiator-name={_NAME}"))
        self._socket = place / "socket"
        self._output = place / "fio.out"
        self._complaints = open(place / "fio.err", "wb")
        self._device = self._job = None

    def _arguments(self, *more):
        return ["fio", *_COMMON, f"--uri=nbd+unix:///?socket={self._socket}", *more]

    def start(self):
        self._device = subprocess.Popen(
            ["qemu-nbd", "--image-opts", "--cache=none", "--persistent", f"--socket={self._socket}", self._unit],
            stdin=subprocess.DEVNULL, stdout=self._complaints, stderr=self._complaints)
        wait_until("qemu-nbd to log in", self._is_there, 60, 0.1)
        # Each block is a verified one from the beginning.
        self._finish(self._arguments("--rw=write", "--bs=64k", "--verify_interval=4k", "--do_verify=0"), "fill the unit")
        with open(self._output, "wb") as output:
            self._job = subprocess.Popen(
                self._arguments("--rw=randwrite", "--bs=4k", "--iodepth=4", f"--rate_iops={_RATE},{_RATE}", "--verify_backlog=16",
                                "--time_based", "--runtime=86400", "--status-interval=1"),
                cwd=self._place, stdin=subprocess.DEVNULL, stdout=output, stderr=self._complaints)

    def _is_there(self):
        if self._device.poll() is not None:
            raise Failure(f"qemu-nbd ended by itself with {self._device.returncode}: {self._complaint()}")
        return self._socket.exists()

    def _complaint(self):
        return (self._place / "fio.err").read_text(errors="replace")[-500:].strip()

    def _finish(self, arguments, purpose):
        try:
            done = subprocess.run(arguments, cwd=self._place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=600, check=False)
        except subprocess.TimeoutExpired:
            raise Failure(f"fio took 600 s to {purpose}") from None
        if done.returncode != 0 or progress(done.stdout)[0] != 0:
            raise Failure(f"fio could not {purpose}: exit {done.returncode}: {(done.stdout + done.stderr)[-500:]}")

    def _now(self):
        return progress(self._output.read_text(errors="replace"))

    def wait_writing(self, timeout):
        """Waits until more has been written and read back than when this was called."""
        _, read, written = self._now()

        def more():
            if self._job.poll() is not None:
                raise Failure(f"fio ended by itself with {self._job.returncode}: {self._complaint()}")
            _, now_read, now_written = self._now()
            return now_read > read + 8 and now_written > written + 8  # what is on its way has been sent before
        wait_until("fio to write and to read it back", more, timeout, 0.5)

    def stop(self):
        """Ends the job; raises if a block was not what had been written, or if an error has reached fio."""
        ended = self._job.poll()
        if ended is None:
            self._job.send_signal(subprocess.signal.SIGINT)
            try:
                self._job.wait(120)
            except subprocess.TimeoutExpired:
                raise Failure("fio does not end on SIGINT") from None
        error = self._now()[0]
        if ended is not None or error != 0:
            raise Failure(f"fio: error {error}, exit {self._job.returncode}: {self._complaint()}")
        return {"longest_interruption_ms": 0}

    def verify(self):
        """Reads all of the unit: each block has to be a whole one."""
        self._finish(self._arguments("--rw=read", "--bs=64k", "--verify_interval=4k"), "read everything back")
        return {"acknowledged": self._now()[2] // 4, "lost": 0, "torn": 0}

    def kill(self):
        for process in (self._job, self._device):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self._complaints.close()
