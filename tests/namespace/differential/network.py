"""The room in which network agents are tried: two interfaces with neighbours, and what the kernel has on them."""

import json

# eth0 and eth1, each with a neighbour at the other end of its wire. Only the addresses of the cases are there.
BEFORE = """
ip link set lo up
for n in 0 1; do
    ip link add eth$n type veth peer name far$n
    for end in eth far; do ip link set $end$n addrgenmode none; ip link set $end$n up; done
done
ip address add 10.0.0.1/24 broadcast + dev eth0
ip address add 10.1.0.1/24 broadcast + dev eth1
ip -6 address add 2001:db8::1/64 dev eth0 nodad
ip -6 address add 2001:db8:1::1/64 dev eth1 nodad
"""

NEEDS = "true"

AFTER = """
ip -j address show; echo '---- next ----'
ip -j -4 route show table main; echo '---- next ----'
ip -j -6 route show table main; echo '---- next ----'
ip addrlabel list
"""

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def _addresses(links):
    for link in links:
        if link["ifname"].startswith("far"):
            continue
        up = "up" if "UP" in link["flags"] else "down"
        yield f"{link['ifname']} {up}"
        for address in link["addr_info"]:
            if address["family"] == "inet6" and address["scope"] == "link" or address["local"] in ("127.0.0.1", "::1"):
                continue
            words = [link["ifname"], f"{address['local']}/{address['prefixlen']}"]
            words += [f"brd {address['broadcast']}"] if "broadcast" in address else []
            words += [address["label"]] if address.get("label", link["ifname"]) != link["ifname"] else []
            words += [flag for flag in ("noprefixroute", "nodad", "dadfailed", "deprecated") if address.get(flag)]
            yield " ".join(words)


def _routes(routes):
    for route in routes:
        if not route["dst"].startswith("fe80"):
            yield f"route {route['dst']} {route.get('dev')}"


def facts(text, _):
    parts = text.split("---- next ----")
    links, routes4, routes6 = (json.loads(part or "[]") for part in parts[:3])
    labels = [" ".join(line.split()) for line in parts[3].split("\n") if "2001:db8" in line]
    return [*_addresses(links), *_routes(routes4), *_routes(routes6), *labels]
