# Needs fencing by IPMI. Proves the unplanned move: the active node loses its power in the middle of writing, the other
# one has it fenced and takes over, and the dead node, switched on again by its fencing, boots, joins and catches up.


def run(lab):
    first = lab.active()
    second = lab.other(first)

    lab.cut_power(first)
    lab.wait_fenced(first)
    lab.wait_moved(second)

    lab.wait_rejoined(first)
