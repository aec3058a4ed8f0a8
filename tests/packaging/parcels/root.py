# SPDX-License-Identifier: GPL-2.0-or-later
"""A root with nothing in it but one package and, elsewhere than the package has its own, this machine's libraries.

What the agents need of other packages comes from this machine; that they find their own libraries, where they are installed, and
no file that only the sources have, is what is tested.
"""

import os
import shutil
from pathlib import Path

from .commands import TOP, Failure, run

_AGENTS = "usr/lib/ocf/resource.d/san"
_DTD = "/usr/share/resource-agents"  # ra-api-1.dtd, which ocf-tester takes
_REVIEWED = TOP / "tests/data/agents"


class Root:
    def __init__(self, place):
        self.path = place
        place.mkdir()

    def agents(self):
        return sorted(path.name for path in (self.path / _AGENTS).iterdir())

    def check_metadata(self):
        """Each agent's metadata is the reviewed text, and valid; every reviewed agent is there."""
        expected = sorted(path.stem for path in _REVIEWED.glob("*.xml"))
        if self.agents() != expected:
            raise Failure(f"agents: {self.agents()}, expected {expected}")
        with self._libraries():
            for name in expected:
                found = self.run(f"/{_AGENTS}/{name}", "meta-data", environment={"OCF_ROOT": "/usr/lib/ocf"})
                if found != (_REVIEWED / f"{name}.xml").read_text():
                    raise Failure(f"{name}: its metadata is not tests/data/agents/{name}.xml, but:\n{found}")
                document = Path(f"{self.path}.{name}.xml")
                document.write_text(found)
                run("xmllint", "--noout", "--valid", "--path", _DTD, document)

    def check_helpers(self):
        """Each helper says what it is for."""
        with self._libraries():
            for program in sorted((self.path / "usr/sbin").iterdir()):
                if "usage" not in self.run(f"/usr/sbin/{program.name}", "--help").lower():
                    raise Failure(f"{program.name} --help says no usage")

    def run(self, *words, environment=None):
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": "/others", **(environment or {})}
        return run("chroot", self.path, *words, env=variables)

    def _libraries(self):
        return _Libraries(self.path)


class _Libraries:
    """Copies of what programs load of this machine in /others, and the loader where they name it, as long as it is entered."""

    def __init__(self, root):
        self._root = root

    def __enter__(self):
        others = self._root / "others"
        others.mkdir()
        for path in programs(self._root):
            for line in run("ldd", path).splitlines():
                if "=> /" in line:
                    shutil.copy(line.split()[2], others)
        loader = _interpreter(next((self._root / _AGENTS).iterdir()))
        self._loader = self._root / loader.lstrip("/")
        self._made = not self._loader.parent.exists()
        self._loader.parent.mkdir(exist_ok=True)
        shutil.copy(os.path.realpath(loader), self._loader)

    def __exit__(self, *_):
        self._loader.unlink()
        if self._made:
            self._loader.parent.rmdir()
        shutil.rmtree(self._root / "others")


def programs(root):
    """Programs and libraries of ours."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink() and "others" not in path.parts and path.read_bytes()[:4] == b"\x7fELF":
            yield path


def _interpreter(program):
    for line in run("readelf", "--program-headers", "--wide", program).splitlines():
        if "program interpreter:" in line:
            return line.split("program interpreter:")[1].strip(" ]")
    raise Failure(f"{program}: no program interpreter")


class Deb_root(Root):
    """By dpkg; what is removed is purged."""

    def install(self, package):
        (self.path / "var/lib/dpkg/updates").mkdir(parents=True)
        (self.path / "var/lib/dpkg/info").mkdir()
        (self.path / "var/lib/dpkg/status").touch()
        self._dpkg("--install", package)

    def remove(self, name):
        self._dpkg("--purge", name)
        # dpkg's own records, and folders that other packages have as well on a real node.
        left = [path for path in self.path.rglob("*") if not path.is_dir() and self.path / "var/lib/dpkg" not in path.parents]
        folders = [path for path in self.path.rglob("*") if path.is_dir() and "san" in path.name]
        if left or folders:
            raise Failure(f"left behind: {[str(path.relative_to(self.path)) for path in left + folders]}")

    def _dpkg(self, *words):
        # Nothing that the package depends on is there, no shell either.
        run("dpkg", f"--root={self.path}", "--force-depends", "--force-script-chrootless", f"--log={self.path}.log", *words)


class Rpm_root(Root):
    """By rpm."""

    def install(self, package):
        run("rpm", "--root", self.path, "--initdb")
        run("rpm", "--root", self.path, "--nosignature", "--nodeps", "--install", package)
        # Modes, owners, sums and targets of everything, as rpm sees them afterwards.
        run("rpm", "--root", self.path, "--verify", "--nodeps", "--all")

    def remove(self, name):
        run("rpm", "--root", self.path, "--erase", name)
        left = [path for path in self.path.rglob("*") if "san" in path.name]
        if left:
            raise Failure(f"left behind: {[str(path.relative_to(self.path)) for path in left]}")


OF = {"deb": Deb_root, "rpm": Rpm_root}
