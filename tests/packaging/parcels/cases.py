# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases, in their order: a sentence, and what raises Failure when it is wrong."""

import os
import re
from dataclasses import dataclass, field
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


def _build(place, kind):
    """Twice, and compared, by packaging/KIND/build."""
    output = place.built / kind
    run("rm", "-rf", output)
    options = ["--objects", place.objects / kind] if place.objects else []
    if place.objects and kind == "deb":
        options.append("--without-symbols")
    said = run(TOP / "packaging" / kind / "build", "--output", output, *options, "--twice")
    if "the second build is the same to the bit" not in said:
        raise Failure(f"no second build:\n{said[-2000:]}")


def deb_is_reproducible(place):
    _build(place, "deb")


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


def deb_installs(place):
    found = root.Root(place.scratch / "deb")
    found.install_deb(place.deb)
    place.roots["deb"] = found
    found.check_metadata()
    found.check_helpers()


def deb_is_hardened(place):
    hardening.check(root.programs(place.root("deb").path))


def deb_leaves_nothing(place):
    place.root("deb").purge_deb("san-agents")


def rpm_is_reproducible(place):
    _build(place, "rpm")


def rpmlint_is_content(place):
    packages = sorted((place.built / "rpm").glob("*.rpm"))
    settings = ("--config", TOP / "packaging/rpm/rpmlint.toml", "--rpmlintrc", TOP / "packaging/rpm/san-agents.rpmlintrc")
    said = run("rpmlint", *settings, *packages, one(place.built / "rpm", "*.spec"))
    if not re.search(r"\b0 errors, 0 warnings\b", said):
        raise Failure(said)


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


def rpm_installs(place):
    found = root.Root(place.scratch / "rpm")
    found.install_rpm(place.rpm)
    place.roots["rpm"] = found
    found.check_metadata()
    found.check_helpers()


def rpm_is_hardened(place):
    hardening.check(root.programs(place.root("rpm").path))


def rpm_leaves_nothing(place):
    place.root("rpm").remove_rpm("san-agents")


def every(ready):
    """Without those that build, when the packages are ready."""
    for sentence, case in _CASES.items():
        if not (ready and case in (deb_is_reproducible, rpm_is_reproducible)):
            yield sentence, case


_CASES = {
    "Debian's packages are the same to the bit when built by somebody else a year later": deb_is_reproducible,
    "the compiler makes the same objects in another folder a year later": objects_are_reproducible,
    "lintian finds nothing": lintian_is_content,
    "Debian's packages have the reviewed files and scripts": deb_has_its_files,
    "Debian's package installs into an empty root, and its programs run there": deb_installs,
    "Debian's programs are hardened": deb_is_hardened,
    "Debian's package leaves nothing when purged": deb_leaves_nothing,
    "the RPMs are the same to the bit when built by somebody else a year later": rpm_is_reproducible,
    "rpmlint finds nothing": rpmlint_is_content,
    "the spec is that of RHEL 8, 9, 10 and Fedora": spec_is_read,
    "the RPMs have the reviewed files and scripts": rpm_has_its_files,
    "the RPM installs into an empty root, and its programs run there": rpm_installs,
    "the RPM's programs are hardened": rpm_is_hardened,
    "the RPM leaves nothing when removed": rpm_leaves_nothing,
}
