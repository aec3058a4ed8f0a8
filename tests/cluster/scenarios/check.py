# Proves san-check on a running cluster: it asks both nodes, finds what is wrong with the lab and nothing else, finds what is
# made wrong on one node and names it, no longer when it has been mended as advised, and says so when a node cannot be asked.

import json

from sanlab import access, drbd, settings
from sanlab.waiting import Failure, say

LONG = True  # tests/check looks at every rule on each run

# What the lab does without, as every finding of a lab that is in order is: rule and what it is about.
_OF_THE_LAB = {
    ("drbd-unprotected", settings.DRBD_RESOURCE),  # scenarios that need handlers put them there
    ("fencing-race", "fence_alice, fence_bob"),
    ("secret-in-cluster", "fence_alice"),
    ("secret-in-cluster", "fence_bob"),
}
_WITHOUT_BOB = {("unread", "node bob")}


def check(node):
    """What san-check finds, as rule and subject, and what it looked at."""
    found = json.loads(access.on(node, "san-check --output-as=json || [ $? -le 2 ]"))
    for finding in found["findings"]:
        say(f"  {finding['severity']}: {finding['subject']}: [{finding['rule']}]")
    return {(finding["rule"], finding["subject"]): finding for finding in found["findings"]}


def expect(node, wanted):
    found = check(node)
    if set(found) != wanted:
        raise Failure(f"missing: {wanted - set(found)}; not expected: {set(found) - wanted}")
    return found


def mend(node, finding):
    """What is advised, done."""
    command = finding["mend"].split(" on ")[0]
    say(f"  {node}: {command}")
    access.on(node, command)


def run(_):
    access.let_nodes_in()
    expect(settings.ALICE, _OF_THE_LAB)
    expect(settings.BOB, _OF_THE_LAB)

    # A service that starts storage behind the cluster's back, on one node.
    access.on(settings.BOB, "systemctl unmask drbd.service && systemctl enable drbd.service")
    found = expect(settings.ALICE, _OF_THE_LAB | {("service-at-boot", "bob: drbd.service")})
    mend(settings.BOB, found["service-at-boot", "bob: drbd.service"])
    expect(settings.ALICE, _OF_THE_LAB)

    # DRBD's configuration is not the same any more.
    common = "/etc/drbd.d/global_common.conf"
    access.on(settings.BOB, f"cp -p {common} /root/ && echo 'common {{ net {{ ping-int 11; }} }}' >>{common}")
    expect(settings.ALICE, _OF_THE_LAB | {("files-differ", "alice, bob")})
    access.on(settings.BOB, f"mv /root/global_common.conf {common}")

    # A node that cannot be asked is named, and the rest is found.
    access.on(settings.BOB, "systemctl stop ssh.service ssh.socket")
    try:
        expect(settings.ALICE, _OF_THE_LAB | _WITHOUT_BOB)
    finally:
        access.on(settings.BOB, "systemctl start ssh.service")
    drbd.wait_up_to_date()
