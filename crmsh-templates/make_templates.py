#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a crmsh script, a crmsh configure template and a list of pcs commands of each stack in a folder.

A stack says what there is and what depends on what. Operations, with their timeouts and intervals, come from the agents'
own metadata, and fencing from fencing.yml, so that neither is written twice.

    make_templates.py STACKS AGENTS OUT     AGENTS is the folder that the agents were built in
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

from stack import Stack, load
import crmsh_script
import crmsh_template
import pcs_commands


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def stacks_of(description, fencing, common, agents):
    """With fencing, and without for those who ask for it; what is added to a stack has it already."""
    if not description.get("addition"):
        yield Stack(description, fencing, common, agents)
    yield Stack(description, None, common, agents)


def main(stacks, agents, out):
    fencing, common = load(stacks / "fencing.yml"), load(stacks / "parameters.yml")
    for file in sorted(stacks.glob("san-*.yml")):
        description = load(file)
        for stack in stacks_of(description, fencing, common, agents):
            write(out / "scripts" / stack.name / "main.yml", crmsh_script.text(stack))
            write(out / "templates" / stack.name, crmsh_template.text(stack))
            write(out / "pcs" / f"{stack.name}.sh", pcs_commands.text(stack))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
