# SPDX-License-Identifier: GPL-2.0-or-later
# Needs the shell agents, and nothing of ours. Proves our Debian packages on a running cluster while an initiator writes:
# installed, migrated to, upgraded, migrated from, removed and purged, they start and stop nothing, no initiator loses its
# connection, no action fails, and in the end there is on both nodes what was there before.

import re

from sanlab import access, debs, network, settings, stack
from sanlab.waiting import Failure, say
from scenarios import migrate

LONG = True  # packages are built
INSTALLED = False
STACK = stack.SHELL

# What is not a package's: the database and the log of dpkg, and what the cluster, LVM and the system write as they run.
_LIVING = re.compile("|".join((
    "/var/lib/dpkg/", "/var/lib/pacemaker/", "/var/lib/systemd/", "/etc/lvm/(archive|backup)/",
    "/run/(systemd|log|udev|lock|user|crm|pacemaker|corosync|dbus|lvm)/", "/run/[^/]*\\.(pid|lock)$")))


def prepare(suite):
    debs.build(suite)


def files(node):
    """What is below the folders that packages and agents write to: kind, mode, size of files, and target of links, by path."""
    listed = access.on(node, "find /usr /etc /var/lib /run -xdev \\( -type d -printf '%p\\t%y %m\\n' \\) -o "
                             "-printf '%p\\t%y %m %s %l\\n'")
    found = dict(line.split("\t") for line in listed.splitlines())
    return {path: facts for path, facts in found.items() if not _LIVING.match(path)}


def copy(node, place, packages):
    access.on(node, f"mkdir -p {place}")
    for file in packages:
        access.push(file, node, f"{place}/{file.name}")


def dpkg(lab, words):
    """The same on both nodes, one after the other as an administrator does it, with nothing noticed by the cluster."""
    for node in settings.NODES:
        with lab.undisturbed():
            access.on(node, f"DEBIAN_FRONTEND=noninteractive {words}", timeout=600)
        say(f"  {node}: {words}")


def must_be(version):
    for node in settings.NODES:
        found = access.on(node, "dpkg-query --show --showformat '${Status} ${Version}\\n' san-agents san-agents-crmsh")
        if not all(re.fullmatch(rf"install ok installed \S+-{version}", line) for line in found.splitlines()):
            raise Failure(f"revision {version} is not what {node} has: {found}")


def monitor(node):
    """Each part once more, by the agents that are on the node now: 0 is started, 8 promoted."""
    for part in (stack.REPLICA, *stack.MEMBERS):
        access.on(node, f"crm_resource --resource {part} --force-check || [ $? = 8 ]")


def bring(lab):
    """Both versions, and what they need and apt would install: the image has the libraries of our agents only."""
    for node in settings.NODES:
        # The image leaves manuals out; what packages have of them should be seen to come and go.
        access.on(node, "rm -f /etc/dpkg/dpkg.cfg.d/99mmdebstrap")
        status = access.on(node, "cat /var/lib/dpkg/status")
        with network.outside():
            needed = debs.needed(lab.suite, debs.FIRST, status, lab.place / f"apt-{node}")
        copy(node, "/root/needed", needed)
        for revision in (debs.FIRST, debs.SECOND):
            copy(node, f"/root/{revision}", debs.of(lab.suite, revision))
    dpkg(lab, "dpkg --install /root/needed/*.deb")


def compare(before):
    for node in settings.NODES:
        after = files(node)
        more = sorted(path for path in after if path not in before[node])
        fewer = sorted(path for path in before[node] if path not in after)
        other = sorted(path for path in after if before[node].get(path, after[path]) != after[path])
        if more or fewer or other:
            raise Failure(f"{node} after purge: more: {more}; fewer: {fewer}; other: {other}")
        say(f"  {node}: the same {len(after)} files as before")


def run(lab):
    access.let_nodes_in()
    bring(lab)
    before = {node: files(node) for node in settings.NODES}
    active = lab.active()

    dpkg(lab, f"dpkg --install /root/{debs.FIRST}/*.deb")
    must_be(debs.FIRST)
    access.on(active, "crm script show san-iscsi")  # which may leave something in our folders
    migrate.migrate(lab, active)
    monitor(active)

    dpkg(lab, f"dpkg --install /root/{debs.SECOND}/*.deb")
    must_be(debs.SECOND)
    monitor(active)

    migrate.migrate(lab, lab.other(active), "--back")
    if "san" in migrate.agents(active).values():
        raise Failure(f"these agents are there: {migrate.agents(active)}")
    dpkg(lab, "dpkg --remove san-agents-crmsh san-agents")
    dpkg(lab, "dpkg --purge san-agents-crmsh san-agents")
    compare(before)
