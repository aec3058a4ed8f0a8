"""takeover.py IPADDR2 PORTBLOCK: a client of a service address keeps a connection through it, and the address moves.

Two nodes and a client, each with a network of its own, on one bridge:

    node 0 ---+
              +--- br0, the client
    node 1 ---+

The client waits for data, as one does between two requests: nothing of its own tells it that the node has gone. With
the list of connections it is told and connects to the other node with its first packet: one that is lost there costs TCP a
second. Without the list it would wait on, which is tried as well.
"""

import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SKIPPED = 77
PORT = 3260
FAMILIES = {"IPv4": ("10.0.0.{}", 24), "IPv6": ("2001:db8::{}", 64)}
LIMIT = 10.0  # seconds; how long it takes is what the machine allows, and is printed
PATIENCE = 2.0  # for what must not happen

SERVICE = """
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), family=socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)
print('ready', flush=True)
open_ones = []
while True:
    connection, _ = listener.accept()
    open_ones.append(connection)
    connection.sendall(sys.argv[3].encode())
"""


def sh(script):
    subprocess.run(["bash", "-e", "-c", script], check=True)


class Node:
    """A network namespace with a link to the bridge, the agents, and the state of its own cluster."""

    def __init__(self, number, agents, scratch):
        self.number = number
        self._agents = agents
        self._state = scratch / f"node{number}"
        self._state.mkdir()
        self._tickles = scratch / "tickles"
        self._holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE)
        self._holder.stdout.read(1)
        self._service = None
        sh(f"ip link add node{number} type veth peer name eth0 netns {self._holder.pid}\n"
           f"ip link set node{number} master br0 up")
        own = 10 + number
        self._must(["bash", "-e", "-c",
                    f"ip link set lo up; ip link set eth0 up\nip address add 10.0.0.{own}/24 dev eth0\n"
                    f"ip address add 2001:db8::{own}/64 dev eth0 nodad"])

    def _inside(self, command):
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "--", *command]

    def _must(self, command, environment=None):
        done = subprocess.run(self._inside(command), env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"node {self.number}: {' '.join(command)}: exit {done.returncode}: {done.stderr}")

    def act(self, agent, verb, **parameters):
        variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RESOURCE_INSTANCE": f"p_{agent}_{parameters.get('action', '')}",
                     "HA_RSCTMP": str(self._state), "OCF_RESKEY_CRM_meta_timeout": "20000",
                     "OCF_RESKEY_CRM_meta_interval": "10000" if verb == "monitor" else "0", "PATH": os.environ["PATH"]}
        variables |= {f"OCF_RESKEY_{name}": str(value) for name, value in parameters.items()}
        self._must([self._agents[agent], verb], variables)

    def _ports(self, action, ip, tickles):
        more = {"tickle_dir": self._tickles} if action == "unblock" and tickles else {}
        # Both: else a service that ends says goodbye, the client connects too early, and TCP tries again after a second.
        return {"ip": ip, "protocol": "tcp", "portno": PORT, "action": action, "direction": "both"} | more

    def start(self, ip, prefix, tickles):
        """What a cluster starts, in its order."""
        self.act("portblock", "start", **self._ports("block", ip, tickles))
        self.act("IPaddr2", "start", ip=ip, cidr_netmask=prefix, nic="eth0", nodad="true", arp_count=1)
        self._service = subprocess.Popen(self._inside([sys.executable, "-c", SERVICE, ip, str(PORT), str(self.number)]),
                                         stdout=subprocess.PIPE)
        self._service.stdout.readline()
        self.act("portblock", "start", **self._ports("unblock", ip, tickles))

    def monitor(self, ip, tickles):
        for action in ("block", "unblock"):
            self.act("portblock", "monitor", **self._ports(action, ip, tickles))

    def stop(self, ip, tickles):
        self.act("portblock", "stop", **self._ports("unblock", ip, tickles))
        self._end_service()
        self.act("IPaddr2", "stop", ip=ip)
        self.act("portblock", "stop", **self._ports("block", ip, tickles))

    def lose_power(self):
        sh(f"ip link del node{self.number}")

    def _end_service(self):
        if self._service:
            self._service.kill()
            self._service.wait()
            self._service = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end_service()
        # Else it goes some time after its other end's network has gone.
        subprocess.run(["ip", "link", "del", f"node{self.number}"], capture_output=True, check=False)
        self._holder.kill()
        self._holder.wait()


def repeated(connection):
    """How many packets TCP has sent again, its first one included: tcpi_total_retrans (linux/tcp.h)."""
    return struct.unpack_from("=I", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]


class Client(threading.Thread):
    """Connects, waits for what it is told, connects again when the connection is reset."""

    def __init__(self, ip):
        super().__init__(daemon=True)
        self._ip = ip
        self._changed = threading.Condition()
        self._node = None
        self.repeated = 0  # packets of the connection that had to be sent again
        self.start()

    def run(self):
        while True:
            try:
                with socket.create_connection((self._ip, PORT), timeout=10) as connection:
                    connection.settimeout(None)
                    while data := connection.recv(1):
                        with self._changed:
                            self.repeated = repeated(connection)
                            self._node = int(data)
                            self._changed.notify_all()
            except OSError:
                pass  # and again

    def is_served_by(self, node, patience):
        with self._changed:
            return self._changed.wait_for(lambda: self._node == node, patience)


def move(agents, family, planned, tickles):
    pattern, prefix = FAMILIES[family]
    ip = pattern.format(7)
    name = f"{family}, {'a planned move' if planned else 'a power loss'}, {'with' if tickles else 'without'} the list"
    with tempfile.TemporaryDirectory(prefix="san-takeover-") as scratch:
        scratch = Path(scratch)
        (scratch / "tickles").mkdir()
        sh("ip link add br0 type bridge; ip link set br0 up\n"
           "ip address add 10.0.0.2/24 dev br0; ip address add 2001:db8::2/64 dev br0 nodad")
        try:
            with Node(0, agents, scratch) as first, Node(1, agents, scratch) as second:
                first.start(ip, prefix, tickles)
                client = Client(ip)
                if not client.is_served_by(0, 10):
                    raise AssertionError("the client never got through to the first node")
                first.monitor(ip, tickles)
                if planned:
                    first.stop(ip, tickles)
                else:
                    first.lose_power()
                begin = time.monotonic()
                second.start(ip, prefix, tickles)
                if tickles:
                    if not client.is_served_by(1, begin + LIMIT - time.monotonic()):
                        raise AssertionError(f"not served by the second node within {LIMIT} s of the takeover's begin")
                    if client.repeated:
                        raise AssertionError(f"{client.repeated} packets to the second node were lost")
                    print(f"{name}: served again {(time.monotonic() - begin) * 1000:.0f} ms after the takeover began")
                    second.monitor(ip, tickles)
                elif client.is_served_by(1, PATIENCE):
                    raise AssertionError("the client came over unasked: this shows nothing")
                else:
                    print(f"{name}: the client waits on")
        except AssertionError as failure:
            print(f"FAILED {name}: {failure}")
            return False
        finally:
            sh("ip link del br0")
        return True


def inside(agents):
    cases = [(family, planned, True) for family in FAMILIES for planned in (False, True)]
    cases += [(family, False, False) for family in FAMILIES]
    return 0 if all([move(agents, *case) for case in cases]) else 1


def outside():
    private = ["unshare", "--net", "--mount", *(["--user", "--map-root-user"] if os.geteuid() != 0 else []), "--"]
    if subprocess.run([*private, "unshare", "--net", "ip", "link", "add", "br0", "type", "bridge"], capture_output=True,
                      check=False).returncode != 0:
        print("skipped: neither root nor user namespaces, or no bridges")
        return SKIPPED
    return subprocess.run([*private, sys.executable, "-B", *sys.argv], env=os.environ | {"SAN_TAKEOVER_INSIDE": "1"},
                          check=False).returncode


if os.environ.get("SAN_TAKEOVER_INSIDE"):
    sys.exit(inside({"IPaddr2": sys.argv[1], "portblock": sys.argv[2]}))
sys.exit(outside())
