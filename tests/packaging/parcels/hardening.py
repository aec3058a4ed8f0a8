# SPDX-License-Identifier: GPL-2.0-or-later
"""What a distribution's compiler flags make of a program, read from the program: position independent, relocations read-only and
bound at start, no executable stack, stack protector, fortified calls; and no run path.

Not looked for: control-flow enforcement (IBT, shadow stack). The linker marks a program with it when every object has it, and
those of Debian 12's libstdc++ and C library have not.
"""

import re

from .commands import Failure, run

# It hands a call on to Pacemaker's library, and has no array and calls no function that could be checked.
_NOTHING_TO_CHECK = re.compile(r"libsan-cluster\.so")


def faults(path):
    """The sentences that are wrong about one program or library."""
    header = run("readelf", "--file-header", "--wide", path)
    segments = run("readelf", "--program-headers", "--wide", path)
    dynamic = run("readelf", "--dynamic", "--wide", path)
    symbols = run("readelf", "--dyn-syms", "--wide", path)
    library = "INTERP" not in segments
    stack = re.search(r"GNU_STACK.*", segments)
    if not re.search(r"Type:\s+DYN", header) or not (library or re.search(r"\(FLAGS_1\).*\bPIE\b", dynamic)):
        yield "not position independent"
    if "GNU_RELRO" not in segments:
        yield "relocations stay writable"
    if not re.search(r"\(FLAGS(_1)?\).*\bNOW\b|BIND_NOW", dynamic):
        yield "not bound at start"
    if not stack or "RWE" in stack[0]:
        yield "an executable stack"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield "a run path"
    if "(TEXTREL)" in dynamic:
        yield "relocations in code"
    if _NOTHING_TO_CHECK.search(path.name):
        return
    if "__stack_chk_fail" not in symbols:
        yield "no stack protector"
    if not library and not re.search(r"\b__(?!stack)\w+_chk\b", symbols):
        yield "no fortified call"


def check(paths):
    count, wrong = 0, []
    for path in paths:
        count += 1
        wrong += [f"{path.name}: {fault}" for fault in faults(path)]
    if not count:
        raise Failure("no program was found")
    if wrong:
        raise Failure("\n".join(wrong))
