"""What the handlers are called with: a recorded state of the cluster, disks, the environment that DRBD makes."""

from dataclasses import dataclass, field

NAMES = ("alice", "bob", "carol")


@dataclass(frozen=True)
class Case:
    """One call on one node."""

    name: str
    state: str  # of tests/data/cib/states
    action: str = "fence"
    host: str = "alice"
    environment: dict = field(default_factory=dict)
    disks: str = ""  # the lines of /proc/drbd (8.4), or what drbdsetup events2 says (9)
    answers: tuple = NAMES  # whose controllers answer
    quorum: bool = True  # what this node's controller says
    options: tuple = ()
    after: str = ""  # another case whose outcome is the beginning of this one

    @property
    def nine(self):
        return "exists" in self.disks

    def arguments(self):
        # Nothing moves here: what is waited for does not come.
        return ("--timeout=0", "--dc-timeout=0", "--lock-file=NONE", *self.options)


def eight(resource="r0", minors="0", **more):
    """Of drbdadm on 8.4."""
    return {"DRBD_RESOURCE": resource, "DRBD_MINOR": minors, "DRBD_VOLUME": "0", "DRBD_LL_DISK": "/dev/vdb",
            "DRBD_PEER": "bob", "DRBD_PEERS": "bob", "DRBD_PEER_AF": "ipv4", "DRBD_PEER_ADDRESS": "10.87.42.12",
            "DRBD_CONF": "/etc/drbd.conf", **more}


def nine(mask, nodes=NAMES[:2], me=0, **more):
    """Of drbdadm and the kernel on 9."""
    return {"DRBD_RESOURCE": "r0", "DRBD_MINOR": "0", "DRBD_VOLUME": "0", "DRBD_LL_DISK": "/dev/vdb",
            "DRBD_MY_NODE_ID": str(me), "DRBD_PEER_NODE_ID": "1", "UP_TO_DATE_NODES": f"0x{mask:08X}",
            "DRBD_CONF": "/etc/drbd.conf", **{f"DRBD_NODE_ID_{at}": node for at, node in enumerate(nodes)}, **more}


def proc(*volumes, role="Primary/Unknown"):
    """/proc/drbd of 8.4.11 with the disks of each minor."""
    lines = ["version: 8.4.11 (api:1/proto:86-101)", "srcversion: FC3433D849E3B88C1E7B55C "]
    for minor, disks in enumerate(volumes):
        if not disks:
            lines.append(f" {minor}: cs:Unconfigured")
            continue
        state = "Connected" if "DUnknown" not in disks else "WFConnection"
        lines += [f" {minor}: cs:{state} ro:{role} ds:{disks} C r-----",
                  "    ns:0 nr:0 dw:96 dr:2089 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0"]
    return "\n".join(lines) + "\n"


def events(own, *peers, role="Primary", nodes=NAMES[1:]):
    """drbdsetup events2 --now of 9: our disks, and those of each peer, one for each volume."""
    lines = [f"exists resource name:r0 role:{role} suspended:no"]
    for number, (node, disks) in enumerate(zip(nodes, peers), 1):
        state, there = ("Connecting", "Unknown") if "DUnknown" in disks else ("Connected", "Secondary")
        lines.append(f"exists connection name:r0 peer-node-id:{number} conn-name:{node} connection:{state} role:{there}")
    for volume, disk in enumerate(own.split()):
        client = "yes" if disk == "client" else "no"
        word = "Diskless" if disk == "client" else disk
        lines.append(f"exists device name:r0 volume:{volume} minor:{volume} disk:{word} client:{client} quorum:yes")
    for number, disks in enumerate(peers, 1):
        for volume, disk in enumerate(disks.split()):
            client = "yes" if disk == "client" else "no"
            word = "Diskless" if disk == "client" else disk
            lines.append(f"exists peer-device name:r0 peer-node-id:{number} conn-name:{nodes[number - 1]} "
                         f"volume:{volume} replication:Off peer-disk:{word} peer-client:{client} resync-suspended:no")
    return "\n".join([*lines, "exists -", ""])


LOST = proc("UpToDate/DUnknown")
ONLY_CONSISTENT = proc("Consistent/DUnknown", role="Secondary/Unknown")
SYNCED = proc("UpToDate/UpToDate", role="Primary/Secondary")
LOST_9 = events("UpToDate", "DUnknown")


def _two_nodes_8():
    for disks, word in ((LOST, "UpToDate"), (ONLY_CONSISTENT, "Consistent")):
        for state in ("online", "fenced", "unclean", "unseen-no-startup-fencing", "no-dc"):
            yield Case(f"8: {state}, {word}", state, environment=eight(), disks=disks)
    for state in ("pending", "leaving", "nobody-expects", "banned", "unseen", "online-no-stonith", "lost-no-stonith",
                  "no-quorum", "promoted", "master-element", "group", "template"):
        yield Case(f"8: {state}", state, environment=eight(), disks=LOST)
    yield Case("8: online, silent", "online", environment=eight(), disks=LOST, answers=("alice",))
    yield Case("8: online, no quorum by the controller", "online", environment=eight(), disks=LOST, quorum=False)
    yield Case("8: times, online", "online-times", environment=eight(), disks=LOST)
    yield Case("8: times, fenced", "fenced-times", environment=eight(), disks=LOST)
    yield Case("8: Inconsistent", "online", environment=eight(), disks=proc("Inconsistent/DUnknown"))
    yield Case("8: peer back already", "online", environment=eight(), disks=SYNCED)
    yield Case("8: not configured", "online", environment=eight(), disks=proc(""))
    yield Case("8: module without devices", "online", environment=eight(), disks=proc())
    yield Case("8: two volumes", "online", environment=eight(minors="0 1"),
               disks=proc("UpToDate/DUnknown", "UpToDate/DUnknown"))
    yield Case("8: two volumes, one Consistent", "fenced", environment=eight(minors="0 1"),
               disks=proc("UpToDate/DUnknown", "Consistent/DUnknown"))
    yield Case("8: two volumes, one not configured", "online", environment=eight(minors="0 1"),
               disks=proc("UpToDate/DUnknown", ""))
    yield Case("8: other minors do not matter", "online", environment=eight(minors="1"),
               disks=proc("Inconsistent/DUnknown", "UpToDate/DUnknown"))
    yield Case("8: peer unknown, one other node", "online", environment=eight(DRBD_PEER="", DRBD_PEERS=""), disks=LOST)
    yield Case("8: peer unknown, two other nodes", "three-online", environment=eight(DRBD_PEER="", DRBD_PEERS=""),
               disks=LOST)
    yield Case("8: resource unknown to the cluster", "online", environment=eight("r9"), disks=LOST)
    yield Case("8: no resource", "online", environment=eight(""), disks=LOST)
    for state in ("own-constraint", "own-constraint-promoted", "peers-constraint", "own-constraint-9"):
        yield Case(f"8: {state}", state, environment=eight(), disks=LOST)
    yield Case("8: own constraint, peer back", "own-constraint", environment=eight(), disks=SYNCED)
    yield Case("8: second resource of a group", "group-one-fenced", environment=eight("r1", "1"),
               disks=proc("UpToDate/DUnknown", "UpToDate/DUnknown"))
    yield Case("8: names in other spelling", "other-names", host="ALICE",
               environment=eight(DRBD_PEER="bob", DRBD_PEERS="bob"), disks=LOST, answers=("Alice", "bob.example.com"))


def _options_8():
    def case(name, *options, **more):
        return Case(f"8: {name}", **{"state": "online", "environment": eight(), "disks": LOST, "options": options, **more})
    yield case("--role", "--role", "Promoted")
    yield case("--master-id", "--master-id=ms_drbd_san", environment=eight("r9"))
    yield case("--fencing-attribute", "-a", "site")
    yield case("--fencing-attribute that nobody has", "-a", "colour")
    yield case("--id-prefix", "--id-prefix=my-prefix")
    yield case("--id-prefix with the resource", "--id-prefix=my-prefix-r0")
    yield case("--unreachable-peer-is-outdated from a handler", "--unreachable-peer-is-outdated", state="unclean",
               disks=ONLY_CONSISTENT)
    yield case("--CTS-mode", "--CTS-mode", state="unseen", disks=ONLY_CONSISTENT)
    yield case("an unknown option", "--no-such-option")


def _two_nodes_9():
    for state in ("online", "fenced", "unclean", "no-quorum", "peers-constraint", "own-constraint-9", "own-constraint",
                  "lost-no-stonith"):
        yield Case(f"9: {state}", state, environment=nine(1), disks=LOST_9)
    yield Case("9: Consistent, online", "online", environment=nine(1), disks=events("Consistent", "DUnknown"))
    yield Case("9: Consistent, unclean", "unclean", environment=nine(1), disks=events("Consistent", "DUnknown"))
    yield Case("9: peer back already", "online", environment=nine(1), disks=events("UpToDate", "UpToDate"))
    yield Case("9: own id not in the mask", "online", environment=nine(2), disks=LOST_9)
    yield Case("9: mask is no mask", "online", environment=nine(1, UP_TO_DATE_NODES="3"), disks=LOST_9)
    yield Case("9: no quorum by the controller", "online", environment=nine(1), disks=LOST_9, quorum=False)
    yield Case("9: not configured", "online", environment=nine(1), disks="exists -\n")
    yield Case("9: two volumes, one Inconsistent", "online", environment=nine(1),
               disks=events("UpToDate Inconsistent", "DUnknown DUnknown"))
    yield Case("9: negotiating", "fenced", environment=nine(1), disks=events("Negotiating", "DUnknown"))


def _three_nodes():
    def case(name, state, mask, *disks, **more):
        return Case(f"9: three, {name}", state, environment=nine(mask, NAMES), disks=events(*disks), **more)
    yield case("carol lost", "three-online", 3, "UpToDate", "UpToDate", "DUnknown")
    yield case("carol fenced", "three-one-fenced", 3, "UpToDate", "UpToDate", "DUnknown")
    yield case("carol unclean", "three-one-unclean", 3, "UpToDate", "UpToDate", "DUnknown")
    yield case("both lost", "three-online", 1, "UpToDate", "DUnknown", "DUnknown")
    yield case("both lost, one fenced", "three-one-fenced", 1, "UpToDate", "DUnknown", "DUnknown")
    yield case("carol excluded, now bob", "three-carol-excluded", 1, "UpToDate", "DUnknown", "DUnknown")
    yield case("carol excluded already", "three-carol-excluded", 3, "UpToDate", "UpToDate", "DUnknown")
    yield case("others excluded already, carol", "three-others-excluded", 3, "UpToDate", "UpToDate", "DUnknown")
    yield case("only carol is allowed", "three-carol-only", 3, "UpToDate", "UpToDate", "DUnknown")
    yield case("carol is a client", "three-online", 5, "UpToDate", "DUnknown", "client")


def _unfence():
    def case(name, state, disks, environment=None, **more):
        return Case(f"unfence: {name}", state, "unfence", environment=environment or eight(), disks=disks, **more)
    yield case("8, in sync", "own-constraint", SYNCED)
    yield case("8, in sync, constraint of the other script", "own-constraint-9", SYNCED)
    yield case("8, none in place", "online", SYNCED)
    yield case("8, not in sync", "own-constraint", LOST)
    yield case("8, one of two volumes in sync", "own-constraint", proc("UpToDate/UpToDate", "UpToDate/Inconsistent"),
               eight(minors="0 1"))
    yield case("8, the peer's", "peers-constraint", SYNCED)
    yield case("8, the peer's, only the owner's", "peers-constraint", SYNCED,
               options=("--unfence-only-if-owner-match",))
    yield case("8, only the owner's", "own-constraint", SYNCED, options=("--unfence-only-if-owner-match",))
    yield case("8, arguments of the agent", "peers-constraint", SYNCED,
               eight(OCF_RESKEY_unfence_extra_args="--quiet --unfence-only-if-owner-match"))
    yield case("8, one resource of a group", "group-one-fenced", SYNCED)
    yield case("8, the other resource of a group", "group-one-fenced", proc("UpToDate/UpToDate", "UpToDate/UpToDate"),
               eight("r1", "1"))
    yield case("9, in sync", "own-constraint-9", events("UpToDate", "UpToDate"), nine(3))
    yield case("9, no mask (after-resync-target)", "own-constraint-9", events("UpToDate", "UpToDate"),
               nine(0, UP_TO_DATE_NODES=""))
    yield case("9, none in place", "online", events("UpToDate", "UpToDate"), nine(3))
    yield case("three, all in sync", "three-others-excluded", events("UpToDate", "UpToDate", "UpToDate"), nine(7, NAMES))
    yield case("three, bob in sync", "three-others-excluded", events("UpToDate", "UpToDate", "Inconsistent"),
               nine(3, NAMES))
    yield case("three, bob in sync, no mask", "three-others-excluded", events("UpToDate", "UpToDate", "Inconsistent"),
               nine(0, NAMES, UP_TO_DATE_NODES=""))
    yield case("three, nobody new in sync", "three-carol-excluded", events("UpToDate", "UpToDate", "Inconsistent"),
               nine(3, NAMES))
    yield case("three, a client does not count", "three-others-excluded", events("UpToDate", "UpToDate", "client"),
               nine(7, NAMES))
    yield case("three, carol's, only the owner's", "three-carol-only", events("UpToDate", "UpToDate", "UpToDate"),
               nine(7, NAMES), options=("--unfence-only-if-owner-match",))
    # What the other program has placed.
    yield case("8, what fencing has placed", "", SYNCED, after="8: online, UpToDate")
    yield case("9, what fencing has placed", "", events("UpToDate", "UpToDate"), nine(3), after="9: online")


def cases():
    for table in (_two_nodes_8, _options_8, _two_nodes_9, _three_nodes, _unfence):
        yield from table()
