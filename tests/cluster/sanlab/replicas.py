"""DRBD resources made for a scenario, on files of the two nodes, to be brought into any state."""

from . import access, drbd, settings
from .waiting import Failure, wait_until

_SIZE = 32  # MiB of a volume
_FIRST_MINOR = 20


class Replica:
    """One resource with so many volumes. Its number keeps it apart from others, on both nodes."""

    def __init__(self, name, number, volumes=1, options=""):
        self.name = name
        self._options = options
        self._port = 7800 + number
        self.minors = [_FIRST_MINOR + 10 * number + volume for volume in range(volumes)]

    def _file(self):
        volumes = "\n".join(
            f"    volume {volume} {{ device minor {minor}; disk /dev/loop{minor}; meta-disk internal; }}"
            for volume, minor in enumerate(self.minors))
        hosts = "\n".join(f"    on {node} {{ address {node.address(settings.REPLICATION)}:{self._port}; }}"
                          for node in settings.NODES)
        return (f"resource {self.name} {{\n    net {{ protocol C; ping-timeout 50; }}\n"
                f"    disk {{ c-plan-ahead 0; resync-rate 250K; {self._options} }}\n{volumes}\n{hosts}\n}}\n")

    def create(self):
        """Files, metadata and the resource, up and UpToDate on both nodes, Secondary."""
        for node in settings.NODES:
            access.on(node, f"cat >/etc/drbd.d/{self.name}.res", stdin=self._file())
            for minor in self.minors:
                place = f"/root/{self.name}-{minor}"
                access.on(node, f"modprobe -a loop drbd; truncate -s {_SIZE}M {place} && "
                                f"{{ losetup /dev/loop{minor} >/dev/null 2>&1 || "
                                f"{{ [ -b /dev/loop{minor} ] || mknod /dev/loop{minor} b 7 {minor}; "
                                f"losetup /dev/loop{minor} {place}; }}; }}")
        self.renew()

    def renew(self):
        """As after create, whatever happened to it."""
        for node in settings.NODES:
            access.on(node, f"drbdadm down {self.name} 2>/dev/null; drbdadm --force create-md {self.name} && "
                            f"drbdadm up {self.name}")
        self.wait("Connected", "cs")
        access.on(settings.ALICE, "; ".join(f"drbdadm new-current-uuid --clear-bitmap {self.name}/{volume}"
                                            for volume in range(len(self.minors))))
        self.wait("UpToDate/UpToDate", "ds")

    def state(self, node, minor=None):
        """The kernel's words about a volume, by their marks in /proc/drbd: cs, ro, ds."""
        return drbd.words(node, self.minors[0] if minor is None else minor)

    def wait(self, word, mark, node=settings.ALICE, timeout=60):
        """Waits until every volume has this word."""
        wait_until(f"{self.name} on {node} to be {word}",
                   lambda: all(self.state(node, minor).get(mark) == word for minor in self.minors), timeout)

    def do(self, node, verb, *words, volume=None):
        """One drbdadm command."""
        what = self.name if volume is None else f"{self.name}/{volume}"
        return access.on(node, " ".join(("drbdadm", verb, *words, what)))

    def write(self, node):
        """Something new in every volume, through a Primary."""
        for minor in self.minors:
            access.on(node, f"dd if=/dev/urandom of=/dev/drbd{minor} bs=4096 count=4 oflag=direct status=none")

    def split(self):
        """Different data on both nodes, and a connection that is not made because of it."""
        for node in settings.NODES:
            self.do(node, "disconnect")
        for node in settings.NODES:
            self.do(node, "primary")
            self.write(node)
            self.do(node, "secondary")
        for node in settings.NODES:
            self.do(node, "connect")
        wait_until(f"{self.name} to notice the split brain",
                   lambda: any(self.state(node).get("cs") == "StandAlone" for node in settings.NODES), 60)

    def must_be(self, node, mark, word):
        if (found := self.state(node).get(mark)) != word:
            raise Failure(f"{self.name} on {node} is {found}, not {word}")
