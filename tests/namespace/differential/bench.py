"""One agent, one action, one private network: the exit code, and what the kernel has afterwards.

Every run gets a network namespace of its own, so that no case sees another one's remains.
"""

import json
import os
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field

# eth0 and eth1, each with a neighbour at the other end of its wire. Only the addresses of the cases are there.
NETWORK = """
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

INTERVALS = {"monitor": 10000}
MARK = "---- the kernel ----"


@dataclass(frozen=True)
class Case:
    """One action in one state; the name says both: "parameters; state; action"."""

    name: str
    action: str  # probe and monitor differ in the interval
    parameters: dict = field(hash=False)
    before: str = ""  # shell commands that lead to the state
    meta: dict = field(default_factory=dict, hash=False)

    @property
    def state(self):
        return self.name.split("; ")[-2]


@dataclass(frozen=True)
class Outcome:
    code: int
    kernel: tuple
    reason: str = field(compare=False)

    def __str__(self):
        return f"exit {self.code}, " + ("; ".join(self.kernel) or "nothing")


def _environment(case, scratch):
    variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": 1, "OCF_RA_VERSION_MINOR": 1,
                 "OCF_RESOURCE_INSTANCE": "p_test", "OCF_RESOURCE_PROVIDER": "test", "OCF_RESOURCE_TYPE": "test",
                 "OCF_EXIT_REASON_PREFIX": "ocf-exit-reason:", "HA_RSCTMP": scratch, "HA_LOGFACILITY": "none",
                 "OCF_RESKEY_CRM_meta_timeout": 20000,
                 "OCF_RESKEY_CRM_meta_interval": INTERVALS.get(case.action, 0),
                 "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    variables.update({f"OCF_RESKEY_CRM_meta_{name}": value for name, value in case.meta.items()})
    variables.update({f"OCF_RESKEY_{name}": value for name, value in case.parameters.items()})
    return " ".join(f"{name}={shlex.quote(str(value))}" for name, value in variables.items())


def _script(case, agent, scratch):
    action = {"probe": "monitor"}.get(case.action, case.action)
    return f"""
set -e
{NETWORK}
{case.before}
set +e
env -i {_environment(case, scratch)} {shlex.quote(str(agent))} {action} >{scratch}/stdout 2>{scratch}/stderr
echo $?
echo '{MARK}'
ip -j address show; echo '{MARK}'
ip -j -4 route show table main; echo '{MARK}'
ip -j -6 route show table main; echo '{MARK}'
ip addrlabel list
"""


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


def _command(script):
    command = ["unshare", "--net", "--", "bash", "-c", script]
    if os.geteuid() != 0:
        command[1:1] = ["--user", "--map-root-user"]
    return command


def possible():
    return subprocess.run(_command("true"), capture_output=True, check=False).returncode == 0


def run(case, agent):
    with tempfile.TemporaryDirectory(prefix="san-differential-") as scratch:
        done = subprocess.run(_command(_script(case, agent, scratch)), capture_output=True, text=True, timeout=120, check=False)
        parts = done.stdout.split(MARK)
        if len(parts) != 5:
            raise RuntimeError(f"{case.name}: {done.stderr}")
        with open(f"{scratch}/stderr", encoding="utf-8", errors="replace") as errors:
            said = errors.read()
        links, routes4, routes6 = (json.loads(part or "[]") for part in parts[1:4])
        labels = [line for line in parts[4].split("\n") if "2001:db8" in line]
        kernel = [*_addresses(links), *_routes(routes4), *_routes(routes6), *(" ".join(line.split()) for line in labels)]
        reasons = [line for line in said.split("\n") if "ocf-exit-reason:" in line]
        return Outcome(int(parts[0]), tuple(sorted(kernel)), reasons[-1] if reasons else said.strip()[-200:])
