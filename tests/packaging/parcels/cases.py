# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases, in their order: a sentence, and what raises Failure when it is wrong."""

import os
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from . import contents, hardening, objects, root
from .commands import TOP, Failure, compare, one, run


@dataclass
class Place:
    built: Path  # the packages are below deb and rpm
    objects: Path | None  # what the compiler makes, for the second builds
    scratch: Path
    roots: dict = field(default_factory=dict)

    def root(self, kind):
        if kind not in self.roots:
            raise Failure("it is not installed")
        return self.roots[kind]

    @property
    def deb(self):
        return one(self.built / "deb", "san-agents_*_*.deb")

    @property
    def rpm(self):
        return one(self.built / "rpm", f"san-agents-[0-9]*.{os.uname().machine}.rpm")


def is_reproducible(place, kind):
    """Twice, and compared, by packaging/KIND/build."""
    output = place.built / kind
    run("rm", "-rf", output)
    options = ["--objects", place.objects / kind] if place.objects else []
    if place.objects and kind == "deb":
        options.append("--without-symbols")
    said = run(TOP / "packaging" / kind / "build", "--output", output, *options, "--twice")
    if "the second build is the same to the bit" not in said:
        raise Failure(f"no second build:\n{said[-2000:]}")


def objects_are_reproducible(place):
    objects.check(place.scratch / "objects")


def lintian_is_content(place):
    changes = one(place.built / "deb", "*.changes")
    # Overrides are the package's, each with its reason.
    said = run("lintian", "--pedantic", "--allow-root", "--fail-on", "error,warning,pedantic", changes)
    if said.strip():
        raise Failure(said)


def deb_has_its_files(place):
    compare("san-agents.deb.txt", contents.of_deb(place.deb))
    compare("san-agents-crmsh.deb.txt", contents.of_deb(one(place.built / "deb", "san-agents-crmsh_*.deb")))


def rpmlint_is_content(place):
    packages = sorted((place.built / "rpm").glob("*.rpm"))
    settings = ("--config", TOP / "packaging/rpm/rpmlint.toml", "--rpmlintrc", TOP / "packaging/rpm/san-agents.rpmlintrc")
    said = run("rpmlint", *settings, *packages, one(place.built / "rpm", "*.spec"))
    if not re.search(r"\b0 errors, 0 warnings\b", said):
        raise Failure(said)


def installs(place, kind):
    found = root.OF[kind](place.scratch / kind)
    found.install(getattr(place, kind))
    place.roots[kind] = found
    found.check_metadata()
    found.check_helpers()


def is_hardened(place, kind):
    hardening.check(root.programs(place.root(kind).path))


def leaves_nothing(place, kind):
    place.root(kind).remove("san-agents")


def spec_is_read(place):
    """As each of the distributions reads it: their versions are defined, and their paths."""
    text = (TOP / "packaging/rpm/san-agents.spec").read_text()
    filled = text.replace("@version@", "1").replace("@release@", "1")
    if "@" in filled.replace("maintainers@", ""):
        raise Failure("a mark of the spec that packaging/rpm/build does not fill in")
    (place.scratch / "san-agents.spec").write_text(filled)
    wanted = {
        ("rhel 8",): ("gcc-toolset-12-gcc-c++", "python3.11-pyyaml"),
        ("rhel 9",): ("gcc-toolset-12-gcc-c++", "python3-pyyaml"),
        ("rhel 10",): ("gcc-c++", "python3-pyyaml"),
        # The merge of sbin and bin.
        ("fedora 42", "_sbindir /usr/bin"): ("gcc-c++", "python3-pyyaml"),
    }
    for macros, expected in wanted.items():
        defines = [word for macro in macros for word in ("--define", macro)]
        needs = run("rpmspec", "--query", "--buildrequires", *defines, place.scratch / "san-agents.spec").split("\n")
        missing = [need for need in expected if need not in needs]
        if missing:
            raise Failure(f"{macros[0]}: build requirements without {missing}: {needs}")


def rpm_has_its_files(place):
    compare("san-agents.rpm.txt", contents.of_rpm(place.rpm))
    compare("san-agents-crmsh.rpm.txt", contents.of_rpm(one(place.built / "rpm", "san-agents-crmsh-*.noarch.rpm")))


def every(ready):
    """Without those that build, when the packages are ready."""
    for sentence, case in _CASES.items():
        if not (ready and isinstance(case, partial) and case.func is is_reproducible):
            yield sentence, case


_CASES = {
    "Debian's packages are the same to the bit when built by somebody else a year later": partial(is_reproducible, kind="deb"),
    "the compiler makes the same objects in another folder a year later": objects_are_reproducible,
    "lintian finds nothing": lintian_is_content,
    "Debian's packages have the reviewed files and scripts": deb_has_its_files,
    "Debian's package installs into an empty root, and its programs run there": partial(installs, kind="deb"),
    "Debian's programs are hardened": partial(is_hardened, kind="deb"),
    "Debian's package leaves nothing when purged": partial(leaves_nothing, kind="deb"),
    "the RPMs are the same to the bit when built by somebody else a year later": partial(is_reproducible, kind="rpm"),
    "rpmlint finds nothing": rpmlint_is_content,
    "the spec is that of RHEL 8, 9, 10 and Fedora": spec_is_read,
    "the RPMs have the reviewed files and scripts": rpm_has_its_files,
    "the RPM installs into an empty root, and its programs run there": partial(installs, kind="rpm"),
    "the RPM's programs are hardened": partial(is_hardened, kind="rpm"),
    "the RPM leaves nothing when removed": partial(leaves_nothing, kind="rpm"),
}
