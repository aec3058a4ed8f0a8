"""The rule that matters most: at no time do two nodes have the same part of the storage.

Judged from the record, not by looking now and then: a part counts as held from the moment the cluster asks a node to
start it until that node has stopped it, or has lost its power.
"""

import re

_BEGIN = re.compile(r"Requesting local execution of (?:start|promote) operation for (\S+) on (\S+)")
# "ok" until Pacemaker 2.1, "OK" from 3.0.
_END = re.compile(r"Result of (?:stop|demote) operation for (\S+) on (\S+): (.*)")
_ROLE = re.compile(r"block (drbd\d+): .*role\( (\w+) -> (\w+) \)")  # drbd_state.c, 6.1: print_state_change; not of "peer("


def holdings(entries, losses):
    """Which part was held where and when: (part, node, from, to), with None for 'still'. A loss has a node and a time."""
    moments = [(entry.time, 1, entry) for entry in entries] + [(loss.time, 0, loss) for loss in losses]
    held, finished = {}, []
    for moment, kind, what in sorted(moments, key=lambda item: item[:2]):
        if kind == 0:
            for part, node in [key for key in held if key[1] == what.node]:
                finished.append((part, node, held.pop((part, node)), moment))
        elif found := _BEGIN.search(what.text):
            held.setdefault(found.groups(), moment)
        elif (found := _END.search(what.text)) and found[3].lower().startswith("ok"):
            if (key := (found[1], found[2])) in held:
                finished.append((*key, held.pop(key), moment))
    return finished + [(*key, begin, None) for key, begin in held.items()]


def broken(parts, entries, losses):
    """One sentence for each time that two nodes held the same part, or that the record cannot tell."""
    sentences = []
    for part in parts:
        mine = sorted((entry for entry in holdings(entries, losses) if entry[0] == part), key=lambda entry: entry[2])
        if not mine:
            sentences.append(f"the record does not say where {part} was")
        for (_, first, _, end), (_, second, begin, _) in zip(mine, mine[1:]):
            if first != second and (end is None or end > begin):
                sentences.append(f"{part} was on {first} while it was started on {second}")
    return sentences


def broken_roles(entries, losses):
    """One sentence for each time that a replica was Primary on two nodes at once, by what their kernels say."""
    primary, sentences = {}, []
    moments = [(entry.time, 1, entry) for entry in entries if entry.source == "kernel"]
    moments += [(loss.time, 0, loss) for loss in losses]
    for _, kind, what in sorted(moments, key=lambda item: item[:2]):
        if kind == 0:
            for nodes in primary.values():
                nodes.discard(what.node)
        elif found := _ROLE.search(what.text):
            nodes = primary.setdefault(found[1], set())
            (nodes.add if found[3] == "Primary" else nodes.discard)(what.node)
            if len(nodes) > 1:
                sentences.append(f"{found[1]} was Primary on {' and '.join(sorted(nodes))}: {what}")
    return sentences
