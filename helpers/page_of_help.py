# SPDX-License-Identifier: GPL-2.0-or-later
"""page_of_help.py PROGRAM BRIEF NAME...: the manual page of a program that reads its own command line, on standard output.

Its help is shown as it is printed, so that the page cannot say anything else.
"""

import re
import subprocess
import sys


def escaped(text):
    """As roff takes it: backslashes, hyphens that are minus signs, and lines that would be requests."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def main(program, brief, *names):
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout.rstrip()
    usage, rest = shown.removeprefix("usage: ").split("\n\n", 1)
    usage = "\n".join(line.strip() for line in usage.splitlines())
    print(f".TH {names[0].upper()} 8 \"\" san\\-agents \"System administration\"\n.SH NAME\n"
          f"{escaped(', '.join(names))} \\- {escaped(brief)}\n"
          f".SH SYNOPSIS\n.nf\n{escaped(usage)}\n.fi\n.SH DESCRIPTION\n.nf\n{escaped(rest)}\n.fi")


main(*sys.argv[1:])
