# SPDX-License-Identifier: GPL-2.0-or-later
"""Our Debian packages for the nodes' release, as packaging/deb/build makes them of what is committed, in two versions.

    debs-SUITE-KEY/1, 2    in the cache

The second is the first with a higher revision in it: for dpkg another package, of which every file replaces one.
"""

import hashlib
import re

from . import settings
from .release import Release, delete
from .waiting import Failure, run, step

_PROJECT = settings.HERE.parent.parent

# What packages are made of. Tests are not, so that the packages stay the same while a scenario is written.
_SOURCES = ("CMakeLists.txt", "CHANGELOG.md", "LICENSE", "README.md", "agents", "crmsh-templates", "helpers", "lib",
            "packaging")

# Those of tests/packaging/run as well.
_OBJECTS = _PROJECT / "build/packages/objects/deb"

FIRST, SECOND = "1", "2"  # Debian revisions


def _place(suite):
    trees = run("git", "-C", _PROJECT, "rev-parse", *(f"HEAD:{source}" for source in _SOURCES))
    return settings.CACHE / f"debs-{suite}-{hashlib.sha256(trees.encode()).hexdigest()[:16]}"


def build(suite):
    """Builds both versions unless they are in the cache. Needs the host's network."""
    place = _place(suite)
    if place.exists():
        return
    for old in settings.CACHE.glob(f"debs-{suite}-*"):
        delete(old)
    new = settings.CACHE / "debs-new.partial"
    delete(new)
    with step(f"packages for {suite}"):
        run(_PROJECT / "packaging/deb/build", "--suite", suite, "--without-symbols", "--objects", _OBJECTS, "--output", new / FIRST,
            timeout=5400)
        (new / SECOND).mkdir()
        for file in (new / FIRST).glob("*.deb"):
            _raise(file, new)
    new.rename(place)


def _raise(file, place):
    """The same package once more, of the second revision."""
    opened = place / "opened"
    run("dpkg-deb", "--raw-extract", file, opened)
    control = opened / "DEBIAN/control"
    text, found = re.subn(rf"^(Version: .*)-{FIRST}$", rf"\g<1>-{SECOND}", control.read_text(), flags=re.MULTILINE)
    if found != 1:
        raise Failure(f"{file.name}: no revision {FIRST} in its version")
    control.write_text(text)
    run("dpkg-deb", "--root-owner-group", "--build", opened, place / SECOND)
    delete(opened)


def of(suite, revision):
    """The files to install, without the debug package."""
    found = sorted(file for file in (_place(suite) / revision).glob("*.deb") if "-dbgsym_" not in file.name)
    if len(found) != 2:
        raise Failure(f"{_place(suite)}: expected san-agents and san-agents-crmsh, revision {revision}, found {len(found)}")
    return found


def needed(suite, revision, status, place):
    """What else a node has to have for them, downloaded as its own apt would: status is its /var/lib/dpkg/status."""
    archives = place / "archives"
    (archives / "partial").mkdir(parents=True)
    (place / "status").write_text(status)
    release = Release(suite)  # its lists are in a folder that ends with it
    run("apt-get", *release.options(), "-o", f"Dir::State::Status={place}/status", "-o", f"Dir::Cache::Archives={archives}",
        "-o", "APT::Sandbox::User=root", "install", "--yes", "-qq", "--no-install-recommends", "--download-only",
        *of(suite, revision))
    return sorted(archives.glob("*.deb"))
