#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""changelog.py deb|rpm REVISION SECONDS: CHANGELOG.md as a package's changelog, on standard output.

The version is that of CMakeLists.txt, and has to be the newest of CHANGELOG.md. SECONDS since 1970 date it, so that the same
sources give the same text on any day. Of older versions the date is what their heading says.
"""

import datetime
import re
import sys
import textwrap
from email.utils import format_datetime
from pathlib import Path

_TOP = Path(__file__).resolve().parent.parent
_HEADING = re.compile(r"^## (\d+\.\d+\.\d+) \((unreleased|\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)


def version():
    found = re.search(r"^project\(san-agents VERSION (\S+)", (_TOP / "CMakeLists.txt").read_text(), re.MULTILINE)
    return found[1]


def releases(text):
    """Version, date ("unreleased" or YYYY-MM-DD) and entries of each."""
    _, *parts = _HEADING.split(text)
    for number, date, body in zip(parts[::3], parts[1::3], parts[2::3]):
        entries = re.findall(r"^- (.*(?:\n  .*)*)", body, re.MULTILINE)
        yield number, date, [" ".join(entry.replace("`", "").split()) for entry in entries]


def _moment(date, seconds):
    if date == "unreleased":
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return datetime.datetime.fromisoformat(f"{date}T12:00:00+00:00")


def deb(found, revision, seconds, maintainer):
    for number, date, entries in found:
        yield f"san-agents ({number}-{revision}) {'UNRELEASED' if date == 'unreleased' else 'unstable'}; urgency=medium\n"
        for entry in entries:
            yield textwrap.fill(entry, 78, initial_indent="  * ", subsequent_indent="    ", break_long_words=False,
                                break_on_hyphens=False)
        yield f"\n -- {maintainer}  {format_datetime(_moment(date, seconds))}\n"


def rpm(found, revision, seconds, maintainer):
    for number, date, entries in found:
        yield f"* {_moment(date, seconds):%a %b %d %Y} {maintainer} - {number}-{revision}"
        for entry in entries:
            yield textwrap.fill(entry.replace("%", "%%"), 78, initial_indent="- ", subsequent_indent="  ",
                                break_long_words=False, break_on_hyphens=False)
        yield ""


def main(kind, revision, seconds):
    found = list(releases((_TOP / "CHANGELOG.md").read_text()))
    if not found or found[0][0] != version():
        raise SystemExit(f"CHANGELOG.md begins with {found[0][0] if found else 'no version'}: expected {version()}, "
                         "the version of CMakeLists.txt")
    maintainer = (_TOP / "packaging/maintainer").read_text().strip()
    print("\n".join({"deb": deb, "rpm": rpm}[kind](found, revision, int(seconds), maintainer)).rstrip())


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("deb", "rpm") or not sys.argv[3].isdecimal():
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
