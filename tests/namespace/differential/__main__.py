"""Runs every case of one agent against the shell agent and ours: python3 -m differential IPaddr2 EXECUTABLE"""

import importlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from . import bench

SKIPPED = 77


def main():
    name, agent = sys.argv[1], os.path.abspath(sys.argv[2])
    table = importlib.import_module(f".{name.lower()}", __package__)
    if not os.access(table.SHELL_AGENT, os.X_OK):
        print(f"skipped: no {table.SHELL_AGENT}")
        return SKIPPED
    if not bench.possible(table.ROOM):
        print("skipped: neither root nor user namespaces, or no overlays")
        return SKIPPED

    def both(case):
        return case, bench.run(case, table.SHELL_AGENT, table.ROOM), bench.run(case, agent, table.ROOM)

    cases = list(table.cases())
    assert len({case.name for case in cases}) == len(cases), "two cases have one name"
    counts = {difference.name: 0 for difference in table.DIFFERENCES}
    failed = 0
    with ThreadPoolExecutor(2 * os.cpu_count()) as workers:
        for case, shell, ours in workers.map(both, cases):
            if shell == ours:
                continue
            explained = [entry for entry in table.DIFFERENCES if entry.explains(case, shell, ours)]
            for entry in explained[:1]:
                counts[entry.name] += 1
            if not explained:
                failed += 1
                print(f"FAILED {case.name}\n  shell: {shell} {shell.reason}\n  ours:  {ours} {ours.reason}")
    for entry in table.DIFFERENCES:
        print(f"{counts[entry.name]:4} {entry.name}")
        if counts[entry.name] == 0:
            failed += 1
            print(f"FAILED nothing differs by '{entry.name}'")
    same = len(cases) - sum(counts.values()) - failed
    print(f"{len(cases)} cases: {same} alike, {sum(counts.values())} different on purpose, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
