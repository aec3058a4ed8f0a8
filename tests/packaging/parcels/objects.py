# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the compiler makes the same object of a source in another folder and a year later.

The usual run's second build takes the objects of the first: this is what it leaves out, on some sources, and with the flags of a
package. All of them are compiled twice with "tests/packaging/run --full".
"""

import os
import shutil
from pathlib import Path

from .commands import TOP, Failure, run

# Many templates, closures, tables and names of files.
_SOURCES = ("agents/iSCSITarget.cpp", "lib/stack/rules.cpp", "lib/kernel/scst.cpp", "lib/base/error.cpp")


def _compile(folder, **variables):
    folder.mkdir(parents=True)
    for part in ("lib", "agents"):
        shutil.copytree(TOP / part, folder / part)
    version = (folder / "lib/san_version.hpp.in").read_text().replace("@PROJECT_VERSION@", "1")
    (folder / "lib/san_version.hpp").write_text(version)
    flags = run("dpkg-buildflags", "--get", "CXXFLAGS").split() + run("dpkg-buildflags", "--get", "CPPFLAGS").split()
    flags = [flag for flag in flags if "-prefix-map=" not in flag]
    flags += [f"-ffile-prefix-map={folder}=.", "-std=c++20", "-Werror=date-time", *run("pkg-config", "--cflags", "libnl-3.0").split()]
    made = {}
    for name in _SOURCES:
        command = ("g++", *flags, f"-I{folder}/lib", "-c", folder / name, "-o", folder / "object")
        run(*command, cwd=folder, env={**os.environ, **variables})
        made[name] = (folder / "object").read_bytes()
    return made


def check(scratch):
    late = next(Path("/usr/lib").rglob("libfaketime.so.1"))
    first = _compile(scratch / "here")
    second = _compile(scratch / "elsewhere/and/deeper", LD_PRELOAD=str(late), FAKETIME="+9700h", TZ="Pacific/Kiritimati")
    different = [name for name in _SOURCES if first[name] != second[name]]
    if different:
        raise Failure(f"differing objects: {different}")
