"""The room in which portblock is tried: an address, the rules of both agents by what they mean, and the list of connections."""

import json
import re

# Debian 12's iptables lists protocols by number, which its shell agent does not understand: it never sees its own rules,
# and never removes one. It is given what other versions of iptables print.
BEFORE = r"""
mkdir bin tickles state
cat >bin/iptables <<'END'
#!/bin/bash
if [[ " $* " == *" -L "* ]]; then
    /usr/sbin/iptables "$@" | sed -E 's/^(DROP|REJECT)( +)6 /\1\2tcp/; s/^(DROP|REJECT)( +)17 /\1\2udp/'
else
    exec /usr/sbin/iptables "$@"
fi
END
chmod 755 bin/iptables
export HA_RSCTMP=$PWD/state
ip link set lo up
ip link add eth0 type veth peer name far0
ip link set far0 up
ip link set eth0 up
ip address add 10.0.0.7/24 dev eth0
ip -6 address add 2001:db8::7/64 dev eth0 nodad
"""

NEEDS = "iptables -w -S && nft list ruleset"

AFTER = """
iptables -w -S; echo '---- next ----'
nft -j list ruleset; echo '---- next ----'
cat tickles/* 2>/dev/null || true
"""

PATH = "SCRATCH/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _iptables(line):
    rule = re.match(r"-A (INPUT|OUTPUT) (?:-[ds] (\S+) )?-p (\w+) -m multiport --[ds]ports (\S+) -j (\w+)", line)
    if not rule:
        return
    chain, ip, protocol, ports, verdict = rule.groups()
    for port in ports.split(","):
        yield f"{chain.lower()} {protocol} {(ip or '0.0.0.0/0').removesuffix('/32')} {port.replace(':', '-')} {verdict.lower()}"


def _value(value):
    if isinstance(value, dict):
        if "range" in value:
            return "-".join(str(end) for end in value["range"])
        return f"{value['prefix']['addr']}/{value['prefix']['len']}"
    return str(value)


def _nft(rule, hooks):
    ip, protocol, port, verdict = "0.0.0.0/0", None, None, None
    for expression in rule["expr"]:
        payload = expression.get("match", {}).get("left", {}).get("payload")
        if payload and payload["field"] in ("daddr", "saddr"):
            ip = _value(expression["match"]["right"])
        elif payload:
            protocol, port = payload["protocol"], _value(expression["match"]["right"])
        verdict = next((word for word in ("drop", "reject") if word in expression), verdict)
    return f"{hooks[rule['chain']]} {protocol} {ip} {port} {verdict}"


def facts(text, _):
    iptables, nft, tickles = text.split("---- next ----")
    for line in iptables.split("\n"):
        yield from _iptables(line.strip())
    entries = json.loads(nft)["nftables"]
    hooks = {entry["chain"]["name"]: entry["chain"].get("hook") for entry in entries if "chain" in entry}
    for entry in entries:
        if "rule" in entry and entry["rule"]["table"] == "san-portblock":
            yield _nft(entry["rule"], hooks)
    yield from (f"listed {' '.join(line.split())}" for line in tickles.strip().split("\n") if line)
