"""Two nodes in one cluster, made once and kept: each scenario begins here a few seconds after it is asked for."""

import json
import shutil

from . import access, acceleration, cluster, drbd, fencing, image, machine, recipe, session, settings
from .waiting import run, step

NAME = "formed"

_SOURCES = ("node", "sanlab/cluster.py", "sanlab/drbd.py", "sanlab/fencing.py", "sanlab/image.py",
            "sanlab/initramfs.py", "sanlab/machine.py", "sanlab/network.py", "sanlab/release.py", "sanlab/settings.py",
            "sanlab/snapshot.py")

_OPTIONS = """\
property stonith-enabled=true stonith-timeout=240 no-quorum-policy=stop
op_defaults timeout=180
rsc_defaults resource-stickiness=100
"""


class Snapshot:
    """Both nodes as they were at one moment, in a folder of the cache."""

    def __init__(self, kind, suite, key, image_place, accelerator):
        self._kind = f"{kind}-{suite}"
        self.suite = suite  # the nodes' release
        self.image = str(image_place)
        self.accelerator = accelerator
        self.key = key
        self.place = settings.CACHE / f"{self._kind}-{key}"

    def ready(self):
        return self.place.exists()

    def taken(self):
        """When, in seconds since 1970 on the nodes' clocks."""
        return json.loads((self.place / "taken.json").read_text())

    def store(self):
        """Pauses both running nodes, stores them and ends them. Others of the kind and release are forgotten."""
        for node in settings.NODES:
            access.on(node, "journalctl --sync; sync")
            access.forget(node)
        taken = session.current().guest_time()
        for node in settings.NODES:  # both before the first is stored: the cluster sees no gap
            machine.pause(node)
        for node in settings.NODES:
            machine.save(node, NAME)
        new = settings.CACHE / f"{self._kind}-new.partial"
        for old in (new, *settings.CACHE.glob(f"{self._kind}-*")):
            shutil.rmtree(old, ignore_errors=True)
        new.mkdir()
        for disk in settings.WORK.glob("*.qcow2"):
            disk.rename(new / disk.name)
        (new / "taken.json").write_text(json.dumps(taken))
        run("sync", "-f", new)
        new.rename(self.place)


class Formed(Snapshot):
    """An idle cluster of two nodes, which belongs to the sources at hand, whether it exists yet or not."""

    def __init__(self, suite):
        place = image.place(suite)
        accelerator = acceleration.choose(place / "kernel", place / "initramfs")
        super().__init__("snapshot", suite, recipe.key(suite, *accelerator, sources=_SOURCES), place, accelerator)

    def make(self):
        """Boots, forms the cluster, stores both nodes; in the namespace that this process is in."""
        with step("boot of both nodes"):
            session.begin(session.Session(self.image, self.accelerator, 0.0))
            for node in settings.NODES:
                machine.make_disks(node, self.image)
                machine.switch_on(node)
            fencing.start()
            for node in settings.NODES:
                access.wait_for(node)
        with step("cluster of both nodes"):
            cluster.wait_formed(settings.ALICE)
            cluster.load(settings.ALICE, _OPTIONS + fencing.configuration())
            drbd.create()
            cluster.wait_idle(settings.ALICE)
        with step("snapshot of both nodes"):
            self.store()


class Serving(Snapshot):
    """The same with an install tree and a stack on it that serves."""

    def __init__(self, formed, tree, what):
        key = recipe.key(formed.key, recipe.tree_key(tree), what, sources=("sanlab/stack.py",))
        super().__init__("serving", formed.suite, key, formed.image, formed.accelerator)
