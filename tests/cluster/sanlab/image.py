"""The image that both nodes boot: a release of Debian, from this machine's package sources.

    image-SUITE-KEY/node.ext4    the root file system
    image-SUITE-KEY/kernel, initramfs
    image-SUITE-KEY/identity     the ssh key that opens both nodes
"""

import shutil

from . import initramfs, packages, recipe, settings
from .release import Release, delete
from .waiting import run, step

_SOURCES = ("node", "sanlab/image.py", "sanlab/initramfs.py", "sanlab/release.py", "sanlab/settings.py")

# Never read in the lab, and most of what the image would weigh. Modules are below /usr from Debian 13 on.
_LEFT_OUT = (
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*",
    "/usr/lib/python3/dist-packages/botocore/data/*",
    "/usr/lib/python3/dist-packages/googleapiclient/discovery_cache/documents/*",
    "*/lib/modules/*/kernel/drivers/gpu/*", "*/lib/modules/*/kernel/drivers/media/*",
    "*/lib/modules/*/kernel/drivers/infiniband/*", "*/lib/modules/*/kernel/drivers/iio/*",
    "*/lib/modules/*/kernel/drivers/net/ethernet/*", "*/lib/modules/*/kernel/drivers/net/wireless/*",
    "*/lib/modules/*/kernel/drivers/staging/*", "*/lib/modules/*/kernel/sound/*",
)

_ENABLED = ("lab-network.service", "ssh.service", "corosync.service", "pacemaker.service")

# What starts storage behind the cluster's back, and what wakes up in the middle of a measurement.
_MASKED = (
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
    "fstrim.timer", "logrotate.timer", "man-db.timer", "systemd-tmpfiles-clean.timer",
    "blk-availability.service", "drbd.service", "lvm2-monitor.service", "logd.service", "rtslib-fb-targetctl.service",
    "targetclid.service", "targetclid.socket", "tgt.service", "open-iscsi.service", "iscsid.service",
    "systemd-pstore.service", "getty@tty1.service", "serial-getty@ttyS0.service",
)

# What the cluster starts, and a package has made part of every boot.
_DISABLED = ("nfs-server.service",)

_SIZE = "3G"  # sparse


def place(suite):
    """The folder of the image for a release, which is there when it has been built."""
    return settings.CACHE / f"image-{suite}-{recipe.key(suite, sources=_SOURCES)}"


def build(suite):
    """Builds the image unless this very recipe has been built before. Needs the host's network."""
    wanted = place(suite)
    if wanted.exists():
        return
    for old in settings.CACHE.glob(f"image-{suite}-*"):
        delete(old)
    new = settings.CACHE / "image-new.partial"
    delete(new)
    new.mkdir(parents=True)
    root = new / "root"
    with step("packages of the nodes"):
        _install_packages(Release(suite), root, new)
    with step("image of the nodes"):
        _configure(root, new)
        initramfs.build(root, new / "initramfs", new / "initramfs.d")
        shutil.copy(next((root / "boot").glob("vmlinuz-*")), new / "kernel")
        run("mke2fs", "-q", "-t", "ext4", "-L", "node", "-d", root, "-E", "nodiscard", new / "node.ext4", _SIZE)
    delete(root)
    delete(new / "initramfs.d")
    new.rename(wanted)


def _install_packages(release, root, scratch):
    names = packages.chosen(packages.entries(settings.HERE / "node/packages"), release)
    release.install(root, names, scratch,
                    "--dpkgopt=force-confold", *(f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT),
                    # The nodes are started with our own, smaller initramfs.
                    '--essential-hook=mkdir -p "$1/etc/initramfs-tools"',
                    '--essential-hook=echo update_initramfs=no >"$1/etc/initramfs-tools/update-initramfs.conf"')


def _configure(root, new):
    for source in sorted((settings.HERE / "node/root").rglob("*")):
        target = root / settings.filled(source.relative_to(settings.HERE / "node/root").as_posix())
        if source.is_dir():
            target.mkdir(exist_ok=True, parents=True)
        else:
            target.write_text(settings.filled(source.read_text()))
            target.chmod(source.stat().st_mode & 0o755 | 0o600)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", settings.CLUSTER, "-f", new / "identity")
    keys = root / "root/.ssh"
    keys.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(new / "identity.pub", keys / "authorized_keys")
    # Both are given on the kernel's command line: the image is the same for both nodes.
    (root / "etc/hostname").unlink(missing_ok=True)
    (root / "etc/machine-id").write_text("")
    (root / "etc/fstab").write_text("")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "var/log/journal").mkdir(exist_ok=True)
    run("chroot", root, "systemctl", "--quiet", "enable", *_ENABLED)
    run("chroot", root, "systemctl", "--quiet", "mask", *_MASKED)
    run("chroot", root, "systemctl", "--quiet", "disable", *_DISABLED)
    run("rm", "-rf", root / "var/cache/apt", root / "var/lib/apt/lists", root / "var/cache/debconf")
