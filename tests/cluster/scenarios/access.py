# Needs the initiator and RAM disks. Proves that each initiator sees the units that the lists give it and no other, that a
# change of a list is a reload, and that the sessions of those who stay do not notice.

import json
import signal
import subprocess

from sanlab import cluster, ram_target
from sanlab.waiting import Failure, say, wait_until

STACK = False

FIRST, SECOND, THIRD = (f"iqn.2026-01.com.example:initiator-{name}" for name in ("a", "b", "c"))
SHARED, OWN = ram_target.LUNS


def seen(lab, name):
    """The units that an initiator can use. At 0 the kernel answers for a target that has none there."""
    return {lun for lun in range(1, 4) if ram_target.login(lab.program, lun, "--initiator-name", name)[0]}


def expect(lab, what, **wanted):
    found = {who: seen(lab, name) for who, name in (("first", FIRST), ("second", SECOND), ("third", THIRD))}
    say(f"  {what}: " + ", ".join(f"{who} sees {sorted(luns) or 'nothing'}" for who, luns in found.items()))
    if found != wanted:
        raise Failure(f"{what}: seen are {found} instead of {wanted}")


class Writer:
    """An initiator that writes to one unit all the time."""

    def __init__(self, lab, name, lun):
        self._name = name
        self._log = lab.place / f"written-{lun}"
        self._process = subprocess.Popen(
            [lab.program, "write", "--url", ram_target.url(lun), "--log", self._log, "--blocks", "64", "--rate", "20",
             "--plain", "--initiator-name", name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.wait_writing()

    def wait_writing(self):
        before = self._written()
        wait_until(f"{self._name} to get a write acknowledged", lambda: self._written() > before, 60, 0.1)

    def _written(self):
        return self._log.read_text().count("\nack ") if self._log.exists() else 0

    def end(self):
        self._process.send_signal(signal.SIGTERM)
        output, _ = self._process.communicate(timeout=60)
        return json.loads(output)


def run(lab):
    ram_target.configure(f'allowed_initiators="{FIRST}"', {OWN: f'allowed_initiators="{SECOND}"'})
    expect(lab, "as configured", first={SHARED}, second={OWN}, third=set())

    writers = [Writer(lab, FIRST, SHARED), Writer(lab, SECOND, OWN)]
    mark = lab.journal.mark()
    ram_target.change(ram_target.TARGET, "allowed_initiators", f"{FIRST} {THIRD}")
    expect(lab, "target's list + third", first={SHARED}, second={OWN}, third={SHARED})
    ram_target.change(ram_target.unit(OWN), "allowed_initiators", f"{SECOND} {THIRD}")
    expect(lab, "second unit's list + third", first={SHARED}, second={OWN}, third={SHARED, OWN})
    ram_target.change(ram_target.TARGET, "allowed_initiators", FIRST)
    expect(lab, "target's list - third", first={SHARED}, second={OWN}, third={OWN})
    ram_target.change(ram_target.unit(OWN), "allowed_initiators", SECOND)
    expect(lab, "second unit's list - third", first={SHARED}, second={OWN}, third=set())

    for writer in writers:
        writer.wait_writing()
    for writer in writers:
        account = writer.end()
        say(f"  {account['written']} blocks written, longest interruption {account['longest_interruption_ms']} ms, "
            f"{account['reconnects']} sessions lost")
        if account["reconnects"]:
            raise Failure(f"a change of a list ended a session: {account}")
    done = [entry.text for entry in lab.journal.entries(mark) if "Requesting local execution of " in entry.text]
    reloads = [text for text in done if "reload-agent operation for p_ram_" in text]
    if len(reloads) != 4 or any(verb in text for text in done for verb in (" stop ", " start ")):
        raise Failure(f"expected four reloads and no restart: {done}")

    # From everybody to a list all sessions end: the kernel remembers whoever has been here.
    ram_target.change(ram_target.unit(OWN), "allowed_initiators", "")
    ram_target.change(ram_target.TARGET, "allowed_initiators", "")
    both = {SHARED, OWN}
    expect(lab, "no list", first=both, second=both, third=both)
    ram_target.change(ram_target.TARGET, "allowed_initiators", FIRST)
    expect(lab, "a list again", first=both, second=set(), third=set())
    if failures := cluster.view(ram_target.NODE).failures():
        raise Failure(f"failed actions are left: {failures}")
