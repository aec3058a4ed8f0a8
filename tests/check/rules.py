# SPDX-License-Identifier: GPL-2.0-or-later
"""Each rule of san-check against what breaks it, and it alone: python3 -m check.rules BUILD"""

import json
import re
import sys

from . import place
from .cases import CASES


def _moved(text, what, before):
    """A primitive of the group put in front of another one."""
    found = re.search(rf'\n *<primitive id="{what}".*?</primitive>', text, re.DOTALL)
    text = text.replace(found[0], "")
    at = text.index(f'<primitive id="{before}"')
    return text[:at] + found[0] + text[at:]


def changed(files, changes):
    files = dict(files)
    for name, old, new in changes:
        text = files[name]
        if old.startswith("move "):
            files[name] = _moved(text, old.split()[1], new)
            continue
        if text.count(old) != 1:
            raise AssertionError(f"{name}: {old!r} is there {text.count(old)} times")
        files[name] = text.replace(old, new)
    return files


def _found(room, files, options, status):
    document = json.loads(room.check(files, "--output-as=json", *options, status=status))
    return sorted({finding["rule"] for finding in document["findings"]}), document["findings"]


def main():
    room = place.Place(sys.argv[1])
    good = room.good_files()
    problems = []
    rules, findings = _found(room, good, [], {0})
    if findings:
        problems.append(f"the good configuration: {findings}")

    listed = room.check({}, "--list-rules", "--names", status={0}).split()
    problems += [f"{rule}: no case breaks it" for rule in listed if rule not in CASES]
    problems += [f"{rule}: there is no such rule" for rule in CASES if rule not in listed]
    for rule, (changes, options) in CASES.items():
        try:
            rules, findings = _found(room, changed(good, changes), options, {0, 1, 2})
        except AssertionError as problem:
            problems.append(f"{rule}: {problem}")
            continue
        if rules != [rule]:
            problems.append(f"{rule}: found {rules or 'nothing'}: {findings}")
        problems += [f"{rule}: without {part}" for finding in findings for part in ("subject", "reason")
                     if not finding[part]]
        worst = {"note": 0, "warning": 1, "error": 2}
        status = max((worst[finding["severity"]] for finding in findings), default=0)
        room.check(changed(good, changes), *options, status={status})
        # Asked alone it finds the same, left out nothing.
        if _found(room, changed(good, changes), [*options, "--rule", rule], {status})[0] != [rule]:
            problems.append(f"{rule}: asked alone it finds nothing")
        if _found(room, changed(good, changes), [*options, "--except", rule], {0, 1, 2})[0]:
            problems.append(f"{rule}: left out it is found all the same")
    for problem in problems:
        print(problem)
    print(f"{len(listed)} rules, {len(CASES)} cases, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
