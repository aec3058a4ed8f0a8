# SPDX-License-Identifier: GPL-2.0-or-later
"""A root of a Debian release in which this project is compiled for nodes of that release.

    build-root-SUITE-KEY/    in the cache: the compiler and the libraries of that release
    build/SUITE              in the project: what it has compiled, and below tree/ what it installs

The sources are in it under their own path and read-only, build/SUITE can be written, and there is no network.
"""

from pathlib import Path

from . import packages, recipe, settings
from .release import Release, delete, host
from .waiting import run, step

_SOURCES = ("sanlab/build_root.py", "sanlab/release.py")

_PROJECT = settings.HERE.parent.parent

# What is installed, and the contract tests; the other tests are for the machine that builds.
_WANTED = ("lib/all", "agents/all", "helpers/all", "crmsh-templates/all", "tests/kernel/all")


def _make(suite):
    """The root of this very recipe, from the cache or new."""
    wanted = packages.entries(settings.HERE.parent / "packages", "build")
    place = settings.CACHE / f"build-root-{suite}-{recipe.key(suite, *wanted, sources=_SOURCES)}"
    if place.exists():
        return place
    for old in settings.CACHE.glob(f"build-root-{suite}-*"):
        delete(old)
    new = settings.CACHE / "build-root.partial"
    delete(new)
    (new / "scratch").mkdir(parents=True)
    with step(f"compiler of {suite}"):
        release = Release(suite)
        release.install(new / "root", packages.chosen(wanted, release), new / "scratch")
    (new / "root").rename(place)
    delete(new)
    return place


def root(suite):
    """Where what is compiled for a release finds its libraries: this machine, or the root."""
    return Path("/") if suite == host() else _make(suite)


def build(suite):
    """Compiles what the nodes and their scenarios need; returns the build folder and the install tree."""
    place = _make(suite)
    made = _PROJECT / "build" / suite
    made.mkdir(parents=True, exist_ok=True)
    with step(f"programs for {suite}"):
        run("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
            settings.HERE / "compile", _PROJECT, place, suite, *_WANTED, timeout=5400)
    return made, made / "tree"
