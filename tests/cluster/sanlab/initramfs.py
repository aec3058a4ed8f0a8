"""A minimal initramfs: one static busybox and the modules that lead to the disk."""

import lzma
import shutil
from pathlib import Path

from . import settings
from .waiting import run

# Disk, its file system and the network cards; everything else is loaded by the running node.
WANTED = ("virtio_pci", "virtio_blk", "ext4", "crc32c_generic", "virtio_net", "virtio_rng")


def _loading_order(modules):
    """Paths of the wanted modules below their folder, each after those it needs."""
    needs, path_of = {}, {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, others = line.partition(":")
        needs[path] = others.split()
        path_of[Path(path).name.split(".")[0].replace("-", "_")] = path
    order = []

    def add(path):
        for other in needs[path]:
            add(other)
        if path not in order:
            order.append(path)

    for name in WANTED:
        if name in path_of:  # else it is built into the kernel
            add(path_of[name])
    return order


def build(root, target, scratch):
    """Writes the initramfs for the only kernel that is installed in root."""
    modules = next((root / "usr/lib/modules").iterdir())
    (scratch / "modules").mkdir(parents=True)
    shutil.copy(root / "bin/busybox", scratch / "busybox")
    shutil.copy(settings.HERE / "node/initramfs-init", scratch / "init")
    (scratch / "init").chmod(0o755)
    names = []
    for path in _loading_order(modules):
        source = modules / path
        content = source.read_bytes()
        if source.suffix == ".xz":
            content = lzma.decompress(content)
        names.append(source.name.removesuffix(".xz"))
        (scratch / "modules" / names[-1]).write_bytes(content)
    (scratch / "modules/order").write_text("".join(f"{name}\n" for name in names))
    run("sh", "-c", f"cd '{scratch}' && find . | ./busybox cpio -o -H newc >'{target}'")
