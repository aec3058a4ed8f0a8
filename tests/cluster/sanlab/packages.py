"""Lists of Debian packages: one per line, '#' comments, 'a|b' for the first one that the release has."""

import subprocess


def _offered(name):
    found = subprocess.run(["apt-cache", "show", "--no-all-versions", name], capture_output=True, check=False)
    return found.returncode == 0 and bool(found.stdout.strip())


def read(path):
    """The packages of a list, one name per line of it."""
    names = []
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            *choices, last = line.split("|")
            names.append(next(filter(_offered, choices), last))
    return names
