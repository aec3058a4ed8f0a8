"""Every case on our handler, against the reviewed outcomes: python3 -m fencing.golden FENCE_ON_FILE

SAN_UPDATE_GOLDEN=1 accepts new outcomes.
"""

import os
import sys
import tempfile
from pathlib import Path

from . import bench
from .cases import cases

_REVIEWED = bench.STATES.parent / "outcomes.txt"


def _reviewed():
    """Exit status and constraints of each case by its name."""
    entries = [entry.split("\n", 1) for entry in _REVIEWED.read_text().strip().split("\n\n")]
    return {name: text for name, text in entries}


def main():
    program = os.path.abspath(sys.argv[1])
    every = list(cases())
    by_name = {case.name: case for case in every}
    assert len(by_name) == len(every), "two cases have one name"
    update = os.environ.get("SAN_UPDATE_GOLDEN")
    wanted = {} if update else _reviewed()
    found, failed = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(every):
            before = bench.beginning(program, case, by_name, Path(folder) / f"{number}-before")
            # The library and the tools come to the same.
            for way, more in (("libcib", {}), ("cibadmin", {"FENCE_BY_TOOLS": "1"})):
                if way == "cibadmin" and not bench.installed("cibadmin"):
                    continue
                place = Path(folder) / f"{number}-{way}"
                left, said, _ = bench.ours(program, case, place, before, **more)
                found[case.name] = left.text()
                original = before or (bench.STATES / f"{case.state}.xml").read_text()
                (place / "cib.xml").write_text(original)
                problems = []
                if left.rest != bench.outcome(0, place).rest:
                    problems.append("something else of the CIB has changed")
                if not update and wanted.get(case.name) != left.text():
                    problems.append(f"wanted:\n{wanted.get(case.name, 'nothing: it is a new case')}\nfound:\n{left.text()}")
                if way == "libcib" and "asking the cluster through" in said:
                    problems.append("libcib was not used")
                # Nobody can act on a code alone.
                quiet = "--quiet" in case.environment.get("OCF_RESKEY_unfence_extra_args", "")
                if f"exit {left.code}" not in said and not quiet:
                    problems.append("the reason and the exit code are not in the log")
                for problem in problems:
                    failed += 1
                    print(f"FAILED {case.name} ({way}): {problem}\n{said}")
    if update:
        _REVIEWED.write_text("\n\n".join(f"{name}\n{text}" for name, text in found.items()) + "\n")
    for name in set(wanted) - set(found):
        failed += 1
        print(f"FAILED {name}: there is no such case")
    print(f"{len(every)} cases on {len({case.state for case in every if case.state})} states, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
