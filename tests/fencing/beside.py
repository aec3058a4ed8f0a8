"""Every case on the scripts of drbd-utils and on our handler: python3 -m fencing.beside FENCE_ON_FILE [RUNS]

The constraints and the exit status must be the same, or an entry of differences.py explains it. With a number of runs
it also says what both cost, as medians.
"""

import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import bench, stock
from .cases import cases
from .differences import DIFFERENCES

_SKIPPED = 77


def _compare(program, every, folder):
    by_name = {case.name: case for case in every}
    counts = {difference.name: 0 for difference in DIFFERENCES}
    failed = 0

    def both(case):
        place = folder / str(every.index(case))
        before = bench.beginning(program, case, by_name, place / "before")
        return case, stock.run(case, place / "theirs", before)[:2], bench.ours(program, case, place / "ours", before)[:2]

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for case, (theirs, they_said), (ours, we_said) in workers.map(both, every):
            if theirs == ours:
                continue
            explained = [entry for entry in DIFFERENCES if entry.explains(case, theirs, ours)]
            for entry in explained[:1]:
                counts[entry.name] += 1
            if not explained:
                failed += 1
                print(f"FAILED {case.name}\n-- theirs: {theirs.text()}\n{they_said}\n-- ours: {ours.text()}\n{we_said}")
    for entry in DIFFERENCES:
        print(f"{counts[entry.name]:4} {entry.name}: {entry.reason}")
        if counts[entry.name] == 0:
            failed += 1
            print(f"FAILED nothing differs by '{entry.name}'")
    alike = len(every) - sum(counts.values()) - failed
    print(f"{len(every)} cases: {alike} alike, {sum(counts.values())} different on purpose, {failed} failed")
    return failed


def _measure(program, every, folder, runs):
    """One after the other, so that neither disturbs the other."""
    rows = []
    for case in every:
        if case.after:
            continue
        theirs, ours = [], []
        for number in range(runs):
            place = folder / f"{every.index(case)}-{number}"
            theirs.append(stock.run(case, place / "theirs")[2])
            ours.append(bench.ours(program, case, place / "ours")[2])
        medians = [statistics.median(getattr(cost, what) for cost in costs)
                   for what in ("wall", "processor") for costs in (theirs, ours)]
        rows.append(medians)
        print(f"{case.name:46} wall {medians[0] * 1000:6.0f} {medians[1] * 1000:5.0f} ms   "
              f"processor {medians[2] * 1000:6.0f} {medians[3] * 1000:5.0f} ms", flush=True)
    for at, what in ((0, "wall"), (2, "processor")):
        theirs, ours = (statistics.median(row[at + who] for row in rows) for who in (0, 1))
        ratio = statistics.median(row[at] / row[at + 1] for row in rows)
        print(f"median {what}: theirs {theirs * 1000:.0f} ms, ours {ours * 1000:.0f} ms, ratio {ratio:.1f}")


def main():
    program = os.path.abspath(sys.argv[1])
    if not stock.possible():
        print("skipped: no drbd-utils, or none of Pacemaker's tools")
        return _SKIPPED
    every = list(cases())
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 2:
            _measure(program, every, Path(folder), int(sys.argv[2]))
            return 0
        return 1 if _compare(program, every, Path(folder)) else 0


sys.exit(main())
