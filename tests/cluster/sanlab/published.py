"""A stack as its script of crmsh-templates makes it, and the writers that go on while it moves."""

import re

from . import access, cluster, drbd, exactly_one, initiator, machine, settings
from .waiting import Failure, say, wait_until

_FIRST_ISID = 0x00B100


def run_script(node, name, **parameters):
    """`crm script run` on a node; the scripts' own check of the other nodes needs a key that the nodes do not have."""
    values = " ".join(f"'{key}={value}'" for key, value in parameters.items() if value is not None)
    return access.on(node, f"crm --force script run {name} {values} nodes=$(crm_node -n)")


class Replicas:
    """The replicas below a stack: resources of Pacemaker, and what waits for their data."""

    def __init__(self, *resources, wait_up_to_date=drbd.wait_up_to_date):
        self.resources = resources
        self.wait_up_to_date = wait_up_to_date


class Published:
    """Parts that move together, from the moment they are configured."""

    def __init__(self, lab, replicas, members, last):
        self._lab = lab
        self._replicas = replicas
        self.members = members  # what only the node has on which the replicas are promoted
        self._last = last  # of the members, those that are started last
        self._processes = {node: machine.process(node) for node in settings.NODES}

    def begin(self):
        """Waits until all of it is there. Returns the node that serves."""
        cluster.wait_idle(settings.ALICE)
        self.wait_complete()
        return self.active()

    def _serves(self, seen, name):
        return all(seen.promoted(part) == [name] for part in self._replicas.resources) and all(
            seen.where(part) == [name] for part in self.members)

    def active(self):
        seen = cluster.view(settings.ALICE)
        for node in settings.NODES:
            if self._serves(seen, node.name):
                return node
        raise Failure("no node has all of the stack:\n" + cluster.show(settings.ALICE))

    def wait_complete(self):
        """Waits until one node serves, and the other one has a copy of all data."""
        def complete():
            seen = cluster.view(settings.ALICE)
            return any(self._serves(seen, node.name) for node in settings.NODES) and all(
                seen.copies(part) == 2 for part in self._replicas.resources)
        wait_until("the stack and its copies to be up", complete, 180, 3)
        self._replicas.wait_up_to_date()

    def move_away(self, node):
        """The node goes to standby; all of it has to be on the other one. Returns that one."""
        heir = settings.peer(node)
        mark = self._lab.journal.mark()
        cluster.standby(node, node)
        for part in self._last:
            self._lab.journal.wait_for(rf"Result of start operation for {part} on {heir}: (?i:ok)", 600, mark, heir)
        wait_until(f"the stack to be on {heir}", lambda: self._serves(cluster.view(heir), heir.name), 120, 2)
        return heir

    def there_and_back(self, writers):
        """A move, the return of the node, and a move back to it, while the writers go on."""
        first = self.active()
        second = self.move_away(first)
        writers.follow(second)
        cluster.standby(second, first, False)
        self.wait_complete()
        if self.active() != second:
            raise Failure(f"the stack did not stay on {second}")
        self.move_away(second)
        writers.follow(first)
        cluster.standby(first, second, False)
        self.wait_complete()

    def operations(self, since, parts):
        """Starts, stops, promotions and demotions of these parts since a mark of the journal."""
        pattern = re.compile(rf"Requesting local execution of (start|stop|promote|demote) operation for ({'|'.join(parts)}) on")
        return [str(entry) for entry in self._lab.journal.entries(since) if pattern.search(entry.text)]

    def judge(self, parts=None):
        """What must hold in the end: no failure, nobody fenced, and each part always on one node at most."""
        self.wait_complete()
        for failure in cluster.view(settings.ALICE).failures():
            raise Failure(f"{failure.key} failed on {failure.node}: {failure.code}: {failure.reason}")
        for node in settings.NODES:
            if machine.process(node) != self._processes[node]:
                raise Failure(f"{node} was fenced, which this scenario did not provoke")
        complaint = access.on(settings.ALICE, "crm_verify --live-check -V 2>&1 || true").strip()
        if complaint:
            raise Failure(f"crm_verify: {complaint}")
        if broken := exactly_one.broken(parts or self.members, self._lab.journal.entries(), []):
            raise Failure("; ".join(broken))


class Initiators:
    """One writer for each unit, all of one initiator, each by its own service address."""

    def __init__(self, lab, iqn):
        self._lab = lab
        self._iqn = iqn
        self._writers = {}

    def url(self, address, lun):
        return f"iscsi://{address}:{settings.PORT}/{self._iqn}/{lun}"

    def add(self, address, lun, blocks=initiator.BLOCKS):
        """Starts a writer of that unit, and waits until it writes."""
        place = self._lab.place / f"unit-{lun}"
        place.mkdir()
        writer = initiator.Initiator(self._lab.program, place, self.url(address, lun),
                                     f"{_FIRST_ISID + len(self._writers):06x}")
        writer.start(blocks)
        writer.wait_writing(180)
        self._writers[lun] = writer
        return writer

    def follow(self, _):
        """Waits until all of them write again."""
        for writer in self._writers.values():
            writer.wait_writing(180)

    def end(self, lun):
        """The account of one that ends, whose blocks are all there."""
        writer = self._writers.pop(lun)
        account = writer.stop()
        say(f"  unit {lun}: longest interruption {account['longest_interruption_ms'] / 1000:.1f} s, "
            f"{account['written']} blocks written")
        found = writer.verify()
        writer.kill()
        if found["lost"] or found["torn"] or not found["acknowledged"]:
            raise Failure(f"unit {lun}: of {found['acknowledged']} acknowledged blocks {found['lost']} are lost and "
                          f"{found['torn']} are torn")
        return account

    def end_all(self):
        return {lun: self.end(lun) for lun in list(self._writers)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for writer in self._writers.values():
            writer.kill()
