# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in a package, as text: files with mode, owner and target, and the scripts that run when it is installed or removed.

Of another processor only the folder of libraries differs, which is LIBDIR here, and of another release the VERSION.
"""

import re
import stat
import tarfile
from io import BytesIO

from .commands import TOP, run, run_bytes

_VERSION = re.search(r"^project\(san-agents VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(), re.MULTILINE)[1]


def _line(mode, owner, group, name, target):
    return f"{mode} {owner}/{group} {name}".replace(_VERSION, "VERSION") + (
        f" -> {target.replace(_VERSION, 'VERSION')}" if target else "")


def _text(lines, scripts):
    return "\n".join([*lines, "", "Scripts:", *(f"  {line}" for line in scripts or ["none"])]) + "\n"


def of_deb(package):
    data = run_bytes("dpkg-deb", "--fsys-tarfile", package)
    triplet = run("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip()
    lines = []
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        for member in sorted(archive, key=lambda member: member.name):
            kind = stat.S_IFDIR if member.isdir() else stat.S_IFLNK if member.issym() else stat.S_IFREG
            name = member.name.lstrip(".").replace(triplet, "LIBDIR") or "/"
            lines.append(_line(stat.filemode(kind | member.mode), member.uname, member.gname, name, member.linkname))
    control = run_bytes("dpkg-deb", "--ctrl-tarfile", package)
    scripts = []
    with tarfile.open(fileobj=BytesIO(control)) as archive:
        for member in sorted(archive, key=lambda member: member.name):
            name = member.name.removeprefix("./")
            if re.fullmatch(r"(pre|post)(inst|rm)|config|triggers|conffiles|shlibs", name):
                text = archive.extractfile(member).read().decode()
                commands = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
                scripts += [f"{name}:", *(f"  {line}" for line in commands)]
    return _text(lines, scripts)


def of_rpm(package):
    form = "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES} %{FILELINKTOS}\n]"
    library_directory = run("rpm", "--eval", "%{_libdir}").strip()
    lines = []
    for line in run("rpm", "-qp", "--nosignature", "--qf", form, package).splitlines():
        words = line.split()
        mode, owner, name = words[:3]
        if name.startswith("/usr/lib/.build-id"):
            continue  # named after the very bytes of each program
        lines.append(_line(mode, *owner.split("/"), name.replace(library_directory, "LIBDIR"), " ".join(words[3:])))
    scripts = run("rpm", "-qp", "--nosignature", "--scripts", "--triggers", "--filetriggers", package).splitlines()
    return _text(sorted(lines, key=lambda line: line.split()[2]), scripts)
