"""Two nodes in one cluster, made once and kept: each scenario begins here a few seconds after it is asked for."""

import json
import shutil
import time

from . import access, acceleration, cluster, drbd, fencing, image, machine, recipe, session, settings
from .waiting import run, step

NAME = "formed"

_SOURCES = ("node", "sanlab/cluster.py", "sanlab/drbd.py", "sanlab/fencing.py", "sanlab/image.py",
            "sanlab/initramfs.py", "sanlab/machine.py", "sanlab/network.py", "sanlab/settings.py",
            "sanlab/snapshot.py")

_OPTIONS = """\
property stonith-enabled=true stonith-timeout=240 no-quorum-policy=stop
op_defaults timeout=180
rsc_defaults resource-stickiness=100
"""


class Snapshot:
    """The snapshot that belongs to the sources at hand, whether it exists yet or not."""

    def __init__(self):
        place = image.place()
        self.image = str(place)
        self.accelerator = acceleration.choose(place / "kernel", place / "initramfs")
        key = recipe.key(*self.accelerator, sources=_SOURCES)
        self.place = settings.CACHE / f"snapshot-{key}"

    def ready(self):
        return self.place.exists()

    def taken(self):
        """When, in seconds since 1970."""
        return json.loads((self.place / "taken.json").read_text())

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
            self._store()

    def _store(self):
        for node in settings.NODES:
            access.on(node, "journalctl --sync; sync")
            access.forget(node)
        taken = time.time()
        for node in settings.NODES:  # both before the first is stored: the cluster sees no gap
            machine.pause(node)
        for node in settings.NODES:
            machine.save(node, NAME)
        new = settings.CACHE / "snapshot-new.partial"
        for old in (new, *settings.CACHE.glob("snapshot-*")):
            shutil.rmtree(old, ignore_errors=True)
        new.mkdir()
        for disk in settings.WORK.glob("*.qcow2"):
            disk.rename(new / disk.name)
        (new / "taken.json").write_text(json.dumps(taken))
        run("sync", "-f", new)
        new.rename(self.place)
