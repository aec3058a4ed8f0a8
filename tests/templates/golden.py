"""Every stack in three ways, against reviewed configurations: python3 -m templates.golden BUILD

SAN_UPDATE_GOLDEN=1 accepts new configurations.
"""

import os
import sys
from pathlib import Path

from . import room, ways
from .cases import ADDITIONS, ADMINISTRATION, STACKS

_REVIEWED = Path(__file__).resolve().parent.parent / "data" / "templates"


def is_operation(sentence):
    """One of "p_lu reload-agent 0 20", of an action that no stack names."""
    return sentence.split()[1] in ("reload-agent", "monitor", "notify", "promote", "demote")


def _every():
    """Name of the script, of the stack it is added to or nothing, and values."""
    for name, values in STACKS.items():
        yield name, None, {**values, **ADMINISTRATION}
        yield f"{name}-without-fencing", None, values
    for name, (base, values) in ADDITIONS.items():
        yield name, base, values


def _check(place, build, name, base, values):
    """The sentences that are wrong about one stack."""
    problems = []
    script = room.Cib(place, f"{name}-script")
    if base:
        # A template's ids begin with its own name, so that it cannot add to what a script has made.
        ways.by_script(script, f"{base}-without-fencing", STACKS[base])
    ways.by_script(script, name, values)
    reviewed = _REVIEWED / f"{name}.xml"
    found = script.text()
    if os.environ.get("SAN_UPDATE_GOLDEN"):
        reviewed.parent.mkdir(exist_ok=True)
        reviewed.write_text(found)
    elif not reviewed.exists() or reviewed.read_text() != found:
        problems.append(f"the configuration is not the reviewed one, but:\n{found}")
    if base or name not in STACKS:  # without fencing: the same text but for that
        return problems

    template, pcs = room.Cib(place, f"{name}-template"), room.Cib(place, f"{name}-pcs")
    ways.by_template(template, name, values)
    ways.by_pcs(pcs, build / "crmsh-templates/pcs" / f"{name}.sh", values)
    said = set(ways.meaning(script.configuration()))
    other = set(ways.meaning(ways.renamed(template.configuration(), name)))
    problems += [f"only by script, and not by template: {one}" for one in sorted(said - other)]
    problems += [f"only by template: {one}" for one in sorted(other - said)]
    other = set(ways.meaning(pcs.configuration()))
    # pcs adds the operations that agents offer and nobody named.
    problems += [f"only by script, and not by pcs: {one}" for one in sorted(said - other)]
    problems += [f"only by pcs: {one}" for one in sorted(other - said) if not is_operation(one)]
    return problems


def main():
    build = Path(sys.argv[1]).absolute()
    place = room.enter(build)
    failed = count = 0
    for name, base, values in _every():
        count += 1
        for problem in _check(place, build, name, base, values):
            failed += 1
            print(f"FAILED {name}: {problem}")
    print(f"{count} stacks, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
