# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs, and reviewed texts."""

import difflib
import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
_REVIEWED = TOP / "tests/data/packages"


class Failure(Exception):
    """What was seen, and what had to be."""


def run_bytes(*words, **more):
    """What the program writes to standard output. Failure, with the end of all it wrote, unless it ends with 0."""
    words = [str(word) for word in words]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False, **more)
    if done.returncode != 0:
        wrote = (done.stdout[-8000:] + done.stderr[-8000:]).decode(errors="replace")
        raise Failure(f"{' '.join(words)} ended with {done.returncode}\n{wrote}")
    return done.stdout


def run(*words, **more):
    """The same, as text."""
    return run_bytes(*words, **more).decode()


def one(folder, pattern):
    """The only file of that pattern."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise Failure(f"{folder}/{pattern}: expected one file, and found {[path.name for path in found]}")
    return found[0]


def compare(name, found):
    """Failure unless the text is the reviewed one of that name. SAN_UPDATE_GOLDEN=1 accepts a new one."""
    reviewed = _REVIEWED / name
    if os.environ.get("SAN_UPDATE_GOLDEN"):
        reviewed.parent.mkdir(exist_ok=True)
        reviewed.write_text(found)
    expected = reviewed.read_text() if reviewed.exists() else ""
    if found != expected:
        raise Failure("".join(difflib.unified_diff(expected.splitlines(True), found.splitlines(True), f"reviewed {name}", "found")))
