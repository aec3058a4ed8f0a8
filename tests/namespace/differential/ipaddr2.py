"""The cases of IPaddr2, and where it differs from the shell agent on purpose."""

from . import network as ROOM
from .bench import Case
from .difference import Difference, without_broadcast

SHELL_AGENT = "/usr/lib/ocf/resource.d/heartbeat/IPaddr2"

IP4 = {"ip": "10.0.0.7"}
# The label is on by default here and in later shell agents, but not in Debian 12's: one case is about that.
IP6 = {"ip": "2001:db8::7", "lvs_ipv6_addrlabel": "false"}
FAST = {"arp_count": "1", "arp_interval": "10"}
ACTIONS = ("start", "stop", "monitor", "probe", "validate-all", "status")

STATES4 = {
    "absent": "",
    "running": "ip address add 10.0.0.7/24 broadcast + dev eth0",
    "other prefix": "ip address add 10.0.0.7/32 dev eth0",
    "other nic": "ip address add 10.0.0.7/24 broadcast + dev eth1",
    "labelled": "ip address add 10.0.0.7/24 broadcast + dev eth0 label eth0:vip",
    "link down": "ip link set eth0 down",
    "running, link down": "ip address add 10.0.0.7/24 broadcast + dev eth0; ip link set eth0 down",
    "no carrier": "ip link set far0 down",
    "no route": "ip address flush dev eth0",
    "running, no route": "ip address add 10.0.0.7/24 broadcast + dev eth0; ip route flush dev eth0",
    "on loopback": "ip address add 10.0.0.7/32 dev lo",
}
STATES6 = {
    "absent": "",
    "running": "ip address add 2001:db8::7/64 dev eth0 nodad",
    "other prefix": "ip address add 2001:db8::7/128 dev eth0 nodad",
    "other nic": "ip address add 2001:db8::7/64 dev eth1 nodad",
    "link down": "ip link set eth0 down",
    "no route": "ip address flush dev eth0; ip -6 route flush dev eth0",
}
SETS4 = {
    "ip": IP4,
    "ip, nic": IP4 | {"nic": "eth0"},
    "ip, nic, mask": IP4 | {"nic": "eth0", "cidr_netmask": "24"},
    "ip, nic, mask, label": IP4 | {"nic": "eth0", "cidr_netmask": "24", "iflabel": "vip"},
}
SETS6 = {
    "ip": IP6,
    "ip, nic, mask": IP6 | {"nic": "eth0", "cidr_netmask": "64"},
}

# Values that a parameter takes, from a start where the address is absent, and what was started that way stopped.
GOOD = {
    "mask 25": IP4 | {"cidr_netmask": "25", "nic": "eth0"},
    "mask 32": IP4 | {"cidr_netmask": "32", "nic": "eth0"},
    "dotted mask": IP4 | {"cidr_netmask": "255.255.255.0"},
    "netmask": IP4 | {"netmask": "24"},
    "broadcast": IP4 | {"broadcast": "10.0.0.255"},
    "another broadcast": IP4 | {"broadcast": "10.0.0.127"},
    "nic with label": IP4 | {"nic": "eth0:vip"},
    "label": IP4 | {"iflabel": "vip"},
    "nic of another network": IP4 | {"nic": "eth1", "cidr_netmask": "24"},
    "noprefixroute": IP4 | {"noprefixroute": "true"},
    "lvs_support": IP4 | {"lvs_support": "true"},
    "arp_bg true": IP4 | {"arp_bg": "true"},
    "arp_bg false": IP4 | {"arp_bg": "false"},
    "arp_sender send_arp": IP4 | {"arp_sender": "send_arp"},
    "flush_routes": IP4 | {"flush_routes": "true"},
    "run_arping false": IP4 | {"run_arping": "false"},
    "empty values": IP4 | {"nic": "", "cidr_netmask": "", "broadcast": "", "iflabel": "", "mac": ""},
    "loopback": {"ip": "127.0.0.3"},
    "an unknown parameter": IP4 | {"no_such_parameter": "1"},
    "capitals": IP6 | {"ip": "2001:DB8::7"},
    "default addrlabel": {"ip": "2001:db8::7"},
    "nodad": IP6 | {"nodad": "true"},
    "IPv6 noprefixroute": IP6 | {"noprefixroute": "true"},
    "preferred_lft 0": IP6 | {"preferred_lft": "0"},
    "preferred_lft forever": IP6 | {"preferred_lft": "forever"},
    "addrlabel": IP6 | {"lvs_ipv6_addrlabel": "true"},
    "addrlabel 77": IP6 | {"lvs_ipv6_addrlabel": "true", "lvs_ipv6_addrlabel_value": "77"},
    "no addrlabel": IP6 | {"lvs_ipv6_addrlabel": "false"},
    "IPv6 mask 128": IP6 | {"cidr_netmask": "128", "nic": "eth0"},
}
BAD = {
    "no ip": {},
    "empty ip": {"ip": ""},
    "no address": {"ip": "not_ip_address"},
    "byte above 255": {"ip": "10.0.0.256"},
    "IPv6 with a bad digit": {"ip": "2001:db8::g"},
    "link-local without nic": {"ip": "fe80::7"},
    "mask 33": IP4 | {"cidr_netmask": "33"},
    "no mask": IP4 | {"cidr_netmask": "not_netmask"},
    "no broadcast": IP4 | {"broadcast": "not_broadcast"},
    "no such nic": IP4 | {"nic": "eth7"},
    "no such nic, mask": IP4 | {"nic": "eth7", "cidr_netmask": "24"},
    "long label": IP4 | {"iflabel": "elevenchars"},
    "arp_count 0": IP4 | {"arp_count": "0"},
    "arp_interval 0": IP4 | {"arp_interval": "0"},
    "no arp_sender": IP4 | {"arp_sender": "pigeon"},
    "empty preferred_lft": IP6 | {"preferred_lft": ""},
    "lvs_support and IPv6": IP6 | {"lvs_support": "true"},
    "another network": {"ip": "192.0.2.7"},
}


def cases():
    for states, sets, family in ((STATES4, SETS4, "IPv4"), (STATES6, SETS6, "IPv6")):
        for state, before in states.items():
            for words, parameters in sets.items():
                for action in ACTIONS:
                    yield Case(f"{family}, {words}; {state}; {action}", action, FAST | parameters, before)
    for words, parameters in GOOD.items():
        yield Case(f"{words}; absent; start", "start", FAST | parameters)
    for words, parameters in BAD.items():
        for action in ("start", "stop", "monitor", "probe", "validate-all"):
            yield Case(f"{words}; absent; {action}", action, FAST | parameters)
    yield Case("lvs_support; on loopback; start", "start", FAST | IP4 | {"lvs_support": "true"}, STATES4["on loopback"])
    yield Case("ip; absent; no_such_action", "no_such_action", FAST | IP4)


_WRONG_PLACE = ("other prefix", "other nic", "on loopback")
_NO_ROUTE = ("link down", "running, link down", "no route", "running, no route")
_LOOK = ("monitor", "probe", "status")


def _ours_is_clean(case, ours):
    """The address is where it was asked for, or nowhere."""
    address = case.parameters["ip"]
    places = [entry for entry in ours.facts if f" {address}/" in entry and not entry.startswith("prefix")]
    return len(places) == (case.action == "start")


DIFFERENCES = (
    Difference("a wrong place is cleared",
               "The shell agent adds a second address, or fails, and its stop says success while the address is up.",
               lambda case, shell, ours: case.state in _WRONG_PLACE and case.action in ("start", "stop")
               and ours.code == 0 and _ours_is_clean(case, ours) and shell.facts != ours.facts),
    Difference("a wrong place is a failure",
               "'Not running' would let the cluster start it elsewhere, while this node answers for the address.",
               lambda case, shell, ours: case.state in _WRONG_PLACE and case.action in _LOOK
               and (shell.code, ours.code) == (7, 1) and shell.facts == ours.facts),
    Difference("any prefix length will do where none was asked for",
               "The address works; start gives it the prefix length of its route.",
               lambda case, shell, ours: case.state == "other prefix" and case.action in _LOOK
               and "cidr_netmask" not in case.parameters and (shell.code, ours.code) == (7, 0)),
    Difference("a label that was asked for is there",
               "Later shell agents call a missing label a failure as well, but their start does not repair it.",
               lambda case, shell, ours: "iflabel" in case.parameters and case.state.startswith("running")
               and (shell.code, ours.code) == ((0, 0) if case.action == "start" else (0, 1))
               and (case.action != "start" or any("eth0:vip" in entry for entry in ours.facts))),
    Difference("what is there is started without a route",
               "It stays in its place, as it would be left running.",
               lambda case, shell, ours: case.action in ("start", "validate-all")
               and case.state in ("running, no route", "running, link down")
               and (shell.code, ours.code) == (1, 0) and (case.action != "start" or _ours_is_clean(case, ours))),
    Difference("no direct route is an error of this node alone",
               "2 sends the resource to the other node at once; 1 makes the cluster try again here.",
               lambda case, shell, ours: case.action in ("start", "validate-all")
               and (shell.code, ours.code) == (1, 2) and "expected" in ours.reason and shell.facts == ours.facts),
    Difference("what is there is told without a route",
               "The shell agent looks for a route first, and then does not look for the address.",
               lambda case, shell, ours: case.action in _LOOK
               and (shell.code, ours.code) in ((1, 7), (1, 0), (7, 0)) and shell.facts == ours.facts
               and (case.state in _NO_ROUTE or case.parameters["ip"] == "192.0.2.7")),
    Difference("stop needs no route",
               "The shell agent's stop says success and leaves the address.",
               lambda case, shell, ours: case.action == "stop" and case.state in _NO_ROUTE
               and (shell.code, ours.code) == (0, 0) and _ours_is_clean(case, ours)),
    Difference("a link that is down is a failure",
               "Nobody reaches the address. Later shell agents call it 'not running'.",
               lambda case, shell, ours: case.state == "running, link down" and case.action in _LOOK
               and shell.code in (0, 1, 7) and ours.code == 1 and "interface eth0 is down" in ours.reason),
    Difference("start sets the link up although the address is there",
               "The shell agent sees the address and is done.",
               lambda case, shell, ours: case.state == "running, link down" and case.action == "start"
               and (shell.code, ours.code) == (0, 0) and "eth0 down" in shell.facts and "eth0 up" in ours.facts),
    Difference("no carrier, no start",
               "A service that nobody reaches belongs on the other node.",
               lambda case, shell, ours: case.state == "no carrier" and case.action == "start"
               and (shell.code, ours.code) == (0, 1) and "no carrier" in ours.reason and not any(
                   "10.0.0.7" in entry for entry in ours.facts)),
    Difference("the broadcast address follows from the prefix length",
               "The shell agent copies it from another address, or sets none.",
               lambda case, shell, ours: case.action == "start" and (shell.code, ours.code) == (0, 0)
               and without_broadcast(shell) == without_broadcast(ours)),
    Difference("IPv6 addresses have a label for the choice of sources by default",
               "As in shell agents since 2024.",
               lambda case, shell, ours: "lvs_ipv6_addrlabel" not in case.parameters and case.action == "start"
               and set(ours.facts) - set(shell.facts) == {"prefix 2001:db8::7/128 label 99"}),
    Difference("a missing interface is an error of this node alone",
               "6 would stop the resource on the other node too, and a card can die.",
               lambda case, shell, ours: case.parameters.get("nic") == "eth7"
               and case.action in ("start", "validate-all") and (shell.code, ours.code) == (6, 2)),
    Difference("an interface that is gone is a failure of the address",
               "The shell agent says so too, unless the prefix length is given.",
               lambda case, shell, ours: case.parameters.get("nic") == "eth7" and case.action == "monitor"
               and (shell.code, ours.code) == (7, 1)),
    Difference("a malformed value is 6 whoever asks",
               "The shell agent's monitor does not read it, or calls it a failure.",
               lambda case, shell, ours: case.action in ("monitor", "probe") and shell.code in (1, 7)
               and ours.code == 6 and "expected" in ours.reason),
    Difference("what only start uses keeps neither stop nor monitor from their work",
               "A failed stop costs the node.",
               lambda case, shell, ours: case.action in ("stop", "monitor", "probe") and case.state == "absent"
               and shell.code in (1, 6) and ours.code == (0 if case.action == "stop" else 7)),
)
