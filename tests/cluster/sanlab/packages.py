"""Lists of Debian packages: one per line, '#' comments, 'a|b' for the first one that the release has.

A comment that is a line of its own begins a section, whose name ends at a colon.
"""


def entries(path, section=None):
    """The lines of a list, or of one section of it, with their choices."""
    found, current = [], None
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            current = line.strip("# ").split(":")[0]
        elif (entry := line.split("#")[0].strip()) and section in (None, current):
            found.append(entry)
    return found


def chosen(wanted, release):
    """Of each entry the name that the release has; the last one if it has none."""
    return [next(filter(release.offers, choices), last)
            for *choices, last in (entry.split("|") for entry in wanted)]
