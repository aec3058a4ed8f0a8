"""A real cluster of one node in namespaces of its own: corosync, Pacemaker, tgtd, the shell agents and ours.

Nothing of this machine's is touched: its places are covered by empty file systems, its network by another one. Pacemaker's
daemons have a user of their own, so that this needs root.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

NEEDS = ("test $(id -u) = 0 && command -v corosync pacemakerd crm tgtd && test -d /usr/lib/ocf/resource.d/heartbeat && "
         "mount -t tmpfs none /run")
_SPACES = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--mount-proc")

_COROSYNC = """\
system {
  sched_rr: no
}
totem {
  version: 2
  cluster_name: one
  transport: knet
  crypto_cipher: none
  crypto_hash: none
}
nodelist {
  node {
    ring0_addr: 127.0.0.1
    nodeid: 1
    name: alice
  }
}
quorum {
  provider: corosync_votequorum
}
logging {
  to_stderr: yes
  to_syslog: no
}
"""

# It elects itself at once instead of after twenty seconds.
_CIB = """\
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"><configuration>\
<crm_config><cluster_property_set id="cib-bootstrap-options">\
<nvpair id="cib-bootstrap-options-dc-deadtime" name="dc-deadtime" value="2s"/>\
<nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>\
</cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration><status/></cib>
"""

_BEFORE = r"""
ip link set lo up
ip link add eth0 type veth peer name far0
ip link set far0 up
ip link set eth0 up
ip address add 10.0.0.1/24 dev eth0
# A copy, because whoever clears $PLACE away must find nothing of the machine's in it.
cp -a /usr/lib/ocf/resource.d $PLACE/agents
mount -t tmpfs none /usr/lib/ocf/resource.d
mv $PLACE/agents/* /usr/lib/ocf/resource.d/
ln -s $AGENTS /usr/lib/ocf/resource.d/san
for place in /run /dev/shm /var/lib/pacemaker /var/lib/corosync /var/log/pacemaker /etc/corosync; do
    mkdir -p $place
    mount -t tmpfs none $place
done
mkdir -p /run/lock /run/resource-agents /run/crm /run/tgtd /var/lib/pacemaker/cib /var/lib/pacemaker/pengine \
    /var/lib/pacemaker/blackbox /var/lib/pacemaker/cores
cp $PLACE/corosync.conf /etc/corosync/
cp $PLACE/cib.xml /var/lib/pacemaker/cib/
chmod 600 /var/lib/pacemaker/cib/cib.xml
chown -R hacluster:haclient /var/lib/pacemaker /var/log/pacemaker /run/crm
hostname alice
"""


def in_spaces(script, *words):
    """The exit status of that Python script, called again inside."""
    done = subprocess.run([*_SPACES, "--", "bash", "-c", NEEDS], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"skipped: this machine does not allow {NEEDS}: {done.stderr.strip()}")
        return 77
    return subprocess.run([*_SPACES, "--", sys.executable, "-B", script, *words, "in"], check=False).returncode


def run(*command, check=True, timeout=120, stdin=""):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, timeout=timeout,
                          check=False)
    if check and done.returncode != 0:
        raise SystemExit(f"FAILED {' '.join(map(str, command))}: exit {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def wait_until(what, probe, timeout=60):
    deadline = time.monotonic() + timeout
    while not probe():
        if time.monotonic() > deadline:
            raise SystemExit(f"FAILED waited {timeout} s in vain for {what}")
        time.sleep(0.1)


class Cluster:
    """The daemons, and what they say."""

    _LOG = Path("/var/log/pacemaker/pacemaker.log")

    def __init__(self, place, agents):
        (place / "corosync.conf").write_text(_COROSYNC, encoding="ascii")
        (place / "cib.xml").write_text(_CIB, encoding="ascii")
        subprocess.run(["bash", "-e", "-c", _BEFORE], check=True,
                       env={**os.environ, "PLACE": str(place), "AGENTS": os.path.abspath(agents)})
        self._daemons = []
        self._start(place, "corosync", "-f")
        wait_until("corosync", lambda: subprocess.run(["corosync-cfgtool", "-s"], capture_output=True, check=False).returncode == 0)
        self._start(place, "tgtd", "-f")
        self._start(place, "pacemakerd")
        wait_until("a leader", lambda: "alice" in run("crmadmin", "--dc_lookup", "--timeout=2s", check=False))

    def _start(self, place, *command):
        with open(place / f"{command[0]}.log", "wb") as log:
            self._daemons.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def lose_corosync(self):
        """Pacemaker's daemons end when they notice."""
        self._daemons[0].kill()
        self._daemons[0].wait()

    def configure(self, text):
        run("crm", "--force", "configure", "load", "update", "-", stdin=text)
        self.wait_idle()

    @staticmethod
    def wait_idle():
        run("crm_resource", "--wait", "--timeout=100s")

    @staticmethod
    def running():
        """Agents by the ids of the resources that run."""
        seen = xml.fromstring(run("crm_mon", "-1", "--inactive", "--output-as=xml"))
        failed = [entry.get("op_key") for entry in seen.iterfind("failures/failure")]
        if failed:
            raise SystemExit(f"FAILED actions: {failed}")
        return {entry.get("id"): entry.get("resource_agent") for entry in seen.iter("resource")
                if entry.get("active") == "true"}

    def mark(self):
        return self._LOG.stat().st_size

    def actions(self, since):
        """What the cluster has had started, stopped and so on since then, probes and monitors left out."""
        with open(self._LOG, "rb") as log:
            log.seek(since)
            lines = log.read().decode(errors="replace").split("\n")
        return [line.split("Result of ")[1] for line in lines
                if "Result of " in line and not any(f"Result of {harmless} " in line for harmless in ("monitor", "probe"))]
