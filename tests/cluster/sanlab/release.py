# SPDX-License-Identifier: GPL-2.0-or-later
"""A release of Debian as this machine's apt reaches it: what it has, and a root made of it."""

import platform
import subprocess
import tempfile
from pathlib import Path

from . import settings
from .waiting import Failure, run

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def host():
    """The code name of this machine's release."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def _mirror():
    """Where this machine's packages come from, which has the other releases as well."""
    known = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages", "Origin: Debian").split()
    places = sorted({place for place in known if "-security" not in place})
    if not places:
        raise Failure("this machine has no package sources of Debian in /etc/apt")
    return places[0]


def _own_sources():
    found = [path for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
             if path.suffix in (".list", ".sources") and path.exists()]
    if not found:
        raise Failure("this machine has no package sources in /etc/apt")
    return found


class Release:
    """One release, by its code name."""

    def __init__(self, suite):
        self.suite = suite
        self._own = suite == host()
        self._lists = None  # where apt keeps what a release that is not this machine's has

    def offers(self, name):
        """Whether the release has a package of that name."""
        found = subprocess.run(["apt-cache", *self.options(), "show", "--no-all-versions", name], capture_output=True,
                               check=False)
        return found.returncode == 0 and bool(found.stdout.strip())

    def options(self):
        """Options that make apt know this release and nothing else."""
        if self._own:
            return []
        known = self._lists is not None
        if not known:
            settings.CACHE.mkdir(parents=True, exist_ok=True)
            self._lists = tempfile.TemporaryDirectory(prefix="apt-", dir=settings.CACHE)
        place = Path(self._lists.name)
        options = [word for option in (
            f"Dir::Etc::SourceList={place}/sources.list", "Dir::Etc::SourceParts=/dev/null",
            f"Dir::State::Lists={place}/lists", "Dir::State::Status=/dev/null", f"Dir::Cache={place}",
            "APT::Sandbox::User=root") for word in ("-o", option)]
        if not known:
            (place / "lists/partial").mkdir(parents=True)
            (place / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {self.suite} main\n")
            run("apt-get", *options, "-o", "Acquire::Languages=none", "update", "-qq", "--error-on=any")
        return options

    def install(self, root, names, scratch, *options):
        """Makes a root of the release that has these packages and what is essential."""
        settled = scratch / "apt.conf"
        dumped = run("apt-config", "dump", "Acquire").splitlines()
        settled.write_text("\n".join(line for line in dumped if not line.startswith(
            ('Acquire "', "Acquire::IndexTargets", "Acquire::cdrom", "Acquire::Languages"))) + "\n")
        # A process that is killed takes its installer along, so that no second run meets it.
        run("setpriv", "--pdeathsig", "TERM", "mmdebstrap", "--mode=root", "--variant=minbase", "--quiet",
            f"--aptopt={settled}", '--aptopt=Acquire::Languages "none"', '--aptopt=APT::Install-Recommends "false"',
            "--dpkgopt=force-unsafe-io", *options, f"--include={','.join(names)}",
            self.suite, root, *(_own_sources() if self._own else [_mirror()]), timeout=1800)


def delete(path):
    """Removes a root, and stops at anything that a killed process left mounted in it."""
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted(mounted, reverse=True):
        if point.startswith(f"{path}/"):
            run("umount", "--lazy", point)
    if path.exists():
        run("rm", "-rf", "--one-file-system", path)
