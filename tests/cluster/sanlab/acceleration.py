"""Which accelerator QEMU gets.

A machine may have /dev/kvm, answer its API version, and still never run a guest kernel's first instruction (a nested
KVM that knows only paravirtual guests). So KVM counts only if a guest has come up with it, within seconds.
"""

import subprocess
from pathlib import Path

from . import settings

KVM = ("-accel", "kvm", "-cpu", "host")
# One thread per virtual processor is what makes two emulated nodes use two real processors.
TCG = ("-accel", "tcg,thread=multi", "-cpu", "max")

_SECONDS = 6


def name(accelerator):
    return accelerator[1].split(",")[0]


def choose(kernel, initramfs):
    """KVM where it works, else emulation. The answer is kept until the machine boots again."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    answer = settings.CACHE / f"accelerator-{boot}"
    if not answer.exists():
        for old in settings.CACHE.glob("accelerator-*"):
            old.unlink()
        fresh = answer.with_suffix(".partial")
        fresh.write_text("kvm" if _kvm_works(kernel, initramfs) else "tcg")
        fresh.rename(answer)
    return KVM if answer.read_text() == "kvm" else TCG


def _kvm_works(kernel, initramfs):
    if not Path("/dev/kvm").exists():
        return False
    command = ["qemu-system-x86_64", *KVM, "-m", "512", "-nodefaults", "-no-reboot", "-display", "none",
               "-serial", "stdio", "-kernel", str(kernel), "-initrd", str(initramfs),
               "-append", "console=ttyS0 quiet panic=-1 lab.probe"]
    guest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        output, _ = guest.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        guest.kill()
        output, _ = guest.communicate()
    return b"san-lab: alive" in output
