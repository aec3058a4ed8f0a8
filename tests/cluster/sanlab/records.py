"""Writers of numbered records into a file that moves with a stack, on the node that has it or by NFS."""

import subprocess
import sys
import threading
import time

from . import access, settings
from .waiting import Failure, say, wait_until


class _Writer:
    """A program that prints the number of each record that is safe."""

    def __init__(self):
        self.acknowledged = -1
        self._process = None
        self._longest = 0.0
        self._latest = None

    def _run(self, arguments):
        self._process = subprocess.Popen(arguments, cwd=settings.HERE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def _read(self, process):
        for line in process.stdout:
            self.acknowledged = int(line)
            now = time.monotonic()
            self._longest = max(self._longest, now - (self._latest or now))
            self._latest = now

    def wait_writing(self):
        # One may have been printed and not been read here yet, another be under way.
        enough = self.acknowledged + 3
        wait_until("records to be written", lambda: self._alive() and self.acknowledged >= enough, 180, 0.2)

    def _alive(self):
        if self._process.poll() is not None:
            raise Failure(f"the writer ended with {self._process.returncode}: {self._process.stderr.read()[-500:]}")
        return True

    def end(self):
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def _judge(self, wrong):
        say(f"  {self.acknowledged + 1} records, longest interruption {self._longest:.1f} s")
        if wrong:
            raise Failure(f"of {self.acknowledged + 1} acknowledged records {wrong} are lost or torn")


class On_node(_Writer):
    """Writes on the node that has the file system; its unmounting ends it there, and it goes on with the next number."""

    _PROGRAM = "/root/write_file.py"

    def __init__(self, directory):
        super().__init__()
        self._file = f"{directory}/records"
        for node in settings.NODES:
            access.push(settings.HERE / "onnode/write_file.py", node, self._PROGRAM)

    def follow(self, node):
        if self._process:
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                raise Failure("the file system has moved, and its writer goes on where it was") from None
        self._run([*access.arguments(node), f"exec python3 {self._PROGRAM} write {self._file} {self.acknowledged + 1}"])
        self.wait_writing()

    def verify(self, node):
        access.on(node, "pkill -KILL -f '[w]rite_file.py write' || true")
        self._process.wait(60)
        self._judge(int(access.on(node, f"python3 {self._PROGRAM} verify {self._file} {self.acknowledged}")))


class By_nfs(_Writer):
    """A client in the data network, which does not notice more of a move than a pause."""

    _PROGRAM = (sys.executable, "-B", "-m", "sanlab.nfs_client")

    def __init__(self, server, directory):
        super().__init__()
        self._where = (server, directory)

    def follow(self, _):
        if not self._process:
            self._run([*self._PROGRAM, "write", *self._where, "0"])
        self.wait_writing()

    def verify(self, _):
        self.end()
        done = subprocess.run([*self._PROGRAM, "verify", *self._where, str(self.acknowledged)], cwd=settings.HERE,
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise Failure(f"the records cannot be read: {done.stderr[-500:]}")
        self._judge(int(done.stdout))


def make_file_system(directory):
    """A file system on the volume below which the nodes' own replica lies, and where to mount it; everything is down again."""
    name, group, volume = settings.DRBD_RESOURCE, settings.VOLUME_GROUP, settings.VOLUME
    first = settings.ALICE
    for node in settings.NODES:
        access.on(node, f"mkdir -p {directory} && modprobe drbd && drbdadm up {name}")
    wait_until("the two DRBD sides to meet",
               lambda: "Connected" in access.on(first, f"drbdadm cstate {name}"), 60)
    access.on(first, f"set -e; drbdadm primary {name}; vgchange -qq -ay {group}; mkfs.ext4 -q -F /dev/{group}/{volume}; "
                     f"vgchange -qq -an {group}; drbdadm secondary {name}")
    for node in settings.NODES:
        access.on(node, f"drbdadm down {name}")


def values(directory):
    """What san-volume and san-nfs ask of that file system."""
    return {"drbd_resource": settings.DRBD_RESOURCE, "volgrpname": settings.VOLUME_GROUP,
            "device": f"/dev/{settings.VOLUME_GROUP}/{settings.VOLUME}", "directory": directory, "fstype": "ext4"}
