# Needs nothing but the stack. Proves the planned move: the active node goes to standby, the storage continues on the
# other one, and the first node takes its part again when it is back.


def run(lab):
    first = lab.active()
    second = lab.other(first)

    lab.standby(first, True)
    lab.wait_moved(second)

    lab.standby(first, False)
    lab.wait_complete()
