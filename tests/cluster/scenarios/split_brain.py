# Needs the stack. Proves that a split brain is reported within one interval of the monitor, by its code, by an attribute of the
# node and by mail, that nobody resolves it but a person, and that the report ends with it. DRBD gets no fencing for this: the
# data of the second node is changed by hand while the replication link is cut.

import time

from sanlab import access, agent, cluster, cut, drbd, settings, stack
from sanlab.waiting import Failure, say, wait_until

LONG = True

_HANDLERS = """\
global {
    usage-count no;
}
common {
    handlers {
        split-brain "/usr/sbin/san-drbd-notify split-brain root";
    }
}
"""
_MAIL = "/root/mail"
# Every node has a program of this name that keeps what it is given.
_SENDMAIL = f"#!/bin/sh\ncat >>{_MAIL}\n"
_INTERVAL = 20  # of the slower of the two monitors, in seconds; as the agent advises
_ATTRIBUTE = f"san-drbd-{settings.DRBD_RESOURCE}"


def _shown(node):
    """The attribute, as crm_mon -A has it."""
    found = access.on(node, f"attrd_updater --query --name {_ATTRIBUTE} --node {node} 2>/dev/null || true")
    return found.rpartition('value="')[2].rstrip('"\n ') if 'value="' in found else ""


def _prepare():
    for node in settings.NODES:
        access.on(node, "cat >/etc/drbd.d/global_common.conf", stdin=_HANDLERS)
        access.on(node, "cat >/usr/sbin/sendmail && chmod 755 /usr/sbin/sendmail", stdin=_SENDMAIL)
    access.on(settings.ALICE, f"crm_resource --resource {stack.REPLICA} --set-parameter report_degraded "
                              "--parameter-value true")
    cluster.wait_idle(settings.ALICE)


def _diverge(node):
    """Another history on the second node."""
    name = settings.DRBD_RESOURCE
    access.on(node, f"drbdadm primary --force {name} && dd if=/dev/zero of=/dev/drbd0 bs=4096 seek=1 count=1 "
                    f"oflag=direct status=none conv=notrunc; drbdadm secondary {name}")


def _stands_apart():
    return all(drbd.state(node).split()[0] in ("StandAlone", "WFConnection") for node in settings.NODES)


def run(lab):
    if lab.agents == "shell":
        raise Failure("this scenario is about our agent and its helper")
    first = lab.active()
    second = lab.other(first)
    _prepare()
    if shown := _shown(first):
        raise Failure(f"before anything has happened {first} shows {shown!r}")
    with cut.off(settings.REPLICATION, first, second):
        wait_until("DRBD to lose its peer", lambda: drbd.state(first).split()[0] != "Connected", 60, 1)
        wait_until("a monitor to show it", lambda: "not connected" in _shown(first), _INTERVAL + 20, 1)
        say(f"  without the link: {_shown(first)}")
        _diverge(second)
    wait_until("the split brain to be noticed", lambda: drbd.state(first).split()[0] == "StandAlone"
               or drbd.state(second).split()[0] == "StandAlone", 60, 1)
    begin = time.monotonic()
    wait_until("the attribute", lambda: any("split-brain" in _shown(node) for node in settings.NODES), _INTERVAL, 1)
    for node in settings.NODES:
        say(f"  {node} after {time.monotonic() - begin:.0f} s: {_shown(node)}")
    mail = wait_until("the mail", lambda: "".join(access.on(node, f"cat {_MAIL} 2>/dev/null || true")
                                                  for node in settings.NODES), _INTERVAL, 1)
    say(next(line for line in mail.splitlines() if line.startswith("Subject:")))
    name, parameters = agent.DRBD
    result = agent.call(first, name, "monitor", parameters | {"report_degraded": "true"}, interval=10000)
    if result.code != 191:
        raise Failure(f"monitor of the split Primary: exit {result.code}: {result.errors}")

    # Long enough for every monitor, and for whoever might want to help.
    deadline = time.monotonic() + 2 * _INTERVAL
    while time.monotonic() < deadline:
        if not _stands_apart():
            raise Failure(f"somebody has resolved it: {drbd.state(first)}, {drbd.state(second)}")
        time.sleep(2)
    lab.initiator.wait_writing(60)

    access.on(second, f"drbdadm disconnect {settings.DRBD_RESOURCE}; "
                      f"drbdadm connect --discard-my-data {settings.DRBD_RESOURCE}")
    access.on(first, f"drbdadm connect {settings.DRBD_RESOURCE} || true")
    drbd.wait_up_to_date()
    wait_until("the attributes to go", lambda: not any(_shown(node) for node in settings.NODES), 3 * _INTERVAL, 2)
    lab.wait_complete()
    if lab.active() != first:
        raise Failure(f"the storage has moved to {lab.active()} because a replica was missing")
    for node in settings.NODES:
        count = access.on(node, f"crm_failcount --query --resource {stack.REPLICA} --node {node}")
        if "value=0" not in count:
            raise Failure(f"a missing replica counts as a failure: {count}")
    # crm_mon lists what was degraded until somebody has taken note of it.
    cluster.clean_up(first, stack.REPLICA)
    cluster.wait_idle(first)
