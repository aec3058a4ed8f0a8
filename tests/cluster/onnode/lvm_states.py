"""lvm_states.py PROVIDER AGENT PART PARTS: brings volume groups into one state after the other and has an agent act on them;
of all cases those of a part, so that nodes can share them.

Prints one line of JSON: by case, the codes of its actions and what they left: active volumes, tags and owner of the group.
A case is a name, the parameters, what is done before, and its steps: an action, or a command after "!".
"""

import json
import os
import re
import subprocess
import sys

VG = "vg_states"
HERE = os.uname().nodename
PEER = {"alice": "bob", "bob": "alice"}[HERE]
CONF = "/etc/lvm/lvm.conf"

CLEAN = (f"umount /mnt 2>/dev/null; dmsetup remove --retry lab-top 2>/dev/null; dmsetup ls 2>/dev/null | grep -q {VG} && "
         f"{{ dmsetup ls | awk '/{VG}/ {{ print $1 }}' | xargs -n1 dmsetup resume 2>/dev/null; vgchange -qq -an {VG}; "
         f"dmsetup ls | awk '/{VG}/ {{ print $1 }}' | xargs -r dmsetup remove -f --retry; }} >/dev/null 2>&1; "
         "dmsetup remove -f --retry lab-pv 2>/dev/null; rm -rf /run/resource-agents/san-* /etc/lvm/backup /etc/lvm/archive; "
         "for n in 0 1 2 3; do dd if=/dev/zero of=/dev/ram$n bs=1M count=1 conv=notrunc status=none; done; "
         f"cp {CONF}.states {CONF}; true")


def volume(name, *options, size="-l 1"):
    return f"lvcreate -qq -y -an -Wn -Zn {size} -n {name} {' '.join(options)}"


def group(*volumes, devices="/dev/ram0", system_id=""):
    made = " && ".join((f"vgcreate -qq -y --systemid '{system_id}' --setautoactivation n {VG} {devices}", *volumes))
    return made.replace("@VG", VG)


def tag(name):
    return f"vgchange -qq --addtag {name} {VG}"


def setting(section, text):
    return f"echo '{section} {{ {text} }}' >>{CONF}"


LISTED = setting("activation", "volume_list=[\"vg_other\"]")
NO_ID = setting("global", "system_id_source=\"none\"")
ONE = volume("one", "@VG", "/dev/ram0")
TWO = group(ONE, volume("two", "@VG", "/dev/ram0"))
SPREAD = group(ONE, volume("two", "@VG", "/dev/ram1"), devices="/dev/ram0 /dev/ram1")
GIVEN = f"vgchange -qq -y --systemid {PEER} {VG}"
THREE = group(ONE, GIVEN, devices="/dev/ram0 /dev/ram1 /dev/ram2")
# On what LVM does not see by itself, and on what it does.
MAPPED = "dmsetup create lab-pv --table '0 65536 linear 1:3 0'"
AGAIN = "dmsetup create lab-pv --table '0 65536 linear 1:0 0'"
ON_MAPPED = f"{MAPPED} && {group('lvcreate -qq -y -an -Wn -Zn -l 1 -n one @VG', devices='/dev/mapper/lab-pv')}"
ERRORS = "!dmsetup suspend lab-pv; dmsetup load lab-pv --table '0 65536 error'; dmsetup resume lab-pv"
THIN = group(f"lvcreate -qq -y -l 4 --thinpool pool {VG}", f"lvcreate -qq -y -V 8m --thin -n one {VG}/pool",
             f"vgchange -qq -an {VG}")
SNAPSHOT = group(ONE, f"lvcreate -qq -y -l 1 -s -n snap {VG}/one 2>/dev/null || "
                      f"{{ lvchange -ay {VG}/one && lvcreate -qq -y -l 1 -s -n snap {VG}/one; }}", f"vgchange -qq -an {VG}")
RAID = group(f"lvcreate -qq -y --type raid1 -m 1 --nosync -Wn -Zn -l 1 -n one {VG}", f"vgchange -qq -an {VG}",
             devices="/dev/ram0 /dev/ram1")
CACHED = group(ONE, f"lvcreate -qq -y -Wn -Zn -l 3 -n fast {VG} /dev/ram0",
               f"lvconvert -qq -y --type cache --cachevol fast --cachemode writethrough {VG}/one", f"vgchange -qq -an {VG}")
LOSE = "dd if=/dev/zero of=/dev/ram1 bs=1M count=1 conv=notrunc status=none"
ACTIVE = f"vgchange -qq -ay {VG}"
HOLDER = f'import signal; kept = open("/dev/{VG}/one"); open("/run/held", "w").close(); signal.pause()'
HOLD = (f"!rm -f /run/held; python3 -c '{HOLDER}' >/dev/null 2>&1 & echo $! >/run/holder; "
        "until [ -e /run/held ]; do :; done")
LET_GO = "!kill $(cat /run/holder); while kill -0 $(cat /run/holder) 2>/dev/null; do :; done"

LIFE = ("probe", "start", "start", "monitor", "stop", "stop", "monitor")
RUN = ("start", "monitor", "stop")

# The state, what makes it, the steps; most of them are of one agent only, because the shell agents are slow here.
COMMON = [
    ("whole life", TWO, LIFE),
    ("never started", TWO, ("probe", "stop")),
    ("no such group", "true", ("probe", "start", "stop")),
    ("active on start", f"{TWO} && {ACTIVE}", RUN),
    ("one of two deactivated by hand", TWO, ("start", f"!lvchange -qq -an {VG}/two", "monitor", "stop")),
    ("all deactivated by hand", TWO, ("start", f"!vgchange -qq -an {VG}", "monitor", "stop")),
    ("a volume removed while it runs", TWO, ("start", f"!lvremove -qq -y {VG}/two", "monitor", "stop")),
    ("a volume suspended", TWO, ("start", f"!dmsetup suspend {VG}-one", "monitor", f"!dmsetup resume {VG}-one", "stop")),
    ("missing PV", f"{SPREAD} && {LOSE}", ("start", "monitor", "stop")),
    ("PV lost while it runs", SPREAD, ("start", f"!{LOSE}", "monitor", "stop", "start")),
    ("PV answers with errors", ON_MAPPED, ("start", ERRORS, "monitor", "stop", "monitor")),
    ("group without volumes", group(), ("start", "monitor", "stop")),
    ("exported group", f"{TWO} && vgexport -qq {VG}", ("start", "stop")),
    ("open on stop", TWO, ("start", HOLD, "stop 8", "monitor", LET_GO, "stop")),
    ("open on stop, for three seconds", TWO, ("start", HOLD, "!(sleep 3; kill $(cat /run/holder)) >/dev/null 2>&1 &", "stop")),
    ("thin volume", THIN, RUN),
    ("snapshot", SNAPSHOT, RUN),
    ("snapshot without room", SNAPSHOT,
     ("start", f"!dd if=/dev/zero of=/dev/{VG}/one bs=1M count=4 oflag=direct status=none; "
      f"dd if=/dev/zero of=/dev/{VG}/snap bs=1M count=4 oflag=direct status=none 2>/dev/null", "monitor", "stop")),
    ("raid", RAID, RUN),
    ("raid misses a PV on start", f"{RAID} && {LOSE}", RUN),
    ("raid misses a PV, which is tolerated", f"{RAID} && {LOSE}", RUN),
    ("cached volume", CACHED, RUN),
    ("missing PV, partial activation", f"{SPREAD} && {LOSE}", RUN),
    ("volume_list without the group", f"{TWO} && {LISTED}", ("start", "stop")),
    ("seen twice, through another device", f"{TWO} && {AGAIN}", ("start", "monitor", "stop")),
    ("LVM's tools are gone", TWO, ("start", "!mv /sbin/lvm /sbin/lvm.away", "monitor", "stop", "probe",
                                   "!mv /sbin/lvm.away /sbin/lvm")),
    ("depth 10, PV answers with errors", ON_MAPPED, ("start", ERRORS, "monitor@10", "stop")),
    ("an action that nobody knows", TWO, ("nonsense",)),
]

MORE = {"raid misses a PV, which is tolerated": {"partial_activation": "true"},
        "missing PV, partial activation": {"partial_activation": "true"}}

EXCLUSIVE = {"exclusive": "true"}
OF_LVM = [
    ("foreign owner", {}, group(ONE, f"vgchange -qq -y --systemid {PEER} {VG}"), ("probe", "start", "stop")),
    ("own system id", {}, group(ONE, system_id=HERE), RUN),
    ("exclusive", EXCLUSIVE, TWO, RUN),
    ("exclusive, our tag is there", EXCLUSIVE, f"{TWO} && {tag('pacemaker')}", RUN),
    ("exclusive, another tag is there", EXCLUSIVE, f"{TWO} && {tag('theirs')}", ("start", "stop")),
    ("exclusive, active without tag", EXCLUSIVE, f"{TWO} && {ACTIVE}", ("probe", "start", "stop")),
    ("exclusive, active with our tag", EXCLUSIVE, f"{TWO} && {tag('pacemaker')} && {ACTIVE}", ("probe", "start", "stop")),
    ("exclusive, volume_list without the group", EXCLUSIVE,
     f"{TWO} && {LISTED}", RUN),
    ("exclusive, tag lost while it runs", EXCLUSIVE,
     f"{TWO} && {LISTED}", ("start", f"!vgchange -qq --deltag pacemaker {VG}", "monitor", "stop")),
    ("name that is none", {"volgrpname": "a/b"}, TWO, ("start", "stop")),
]

SYSTEM_ID = {"vg_access_mode": "system_id"}
TAGGING = {"vg_access_mode": "tagging"}
NAMED = SYSTEM_ID | {"lvname": "one"}


def owned(text):
    return f"{text} && vgchange -qq -y --systemid {HERE} {VG}"


OF_LVM_ACTIVATE = [
    ("group of nobody", SYSTEM_ID, TWO, RUN),
    ("group of the other node", SYSTEM_ID, group(ONE, f"vgchange -qq -y --systemid {PEER} {VG}"), RUN),
    ("group of a stranger", SYSTEM_ID, group(ONE, f"vgchange -qq -y --systemid carol {VG}"), ("start", "stop")),
    ("active, of the other node", SYSTEM_ID, f"{group(ONE, GIVEN)} && {ACTIVE} --config 'local/extra_system_ids=[\"{PEER}\"]'",
     ("probe", "start", "stop")),
    ("node without system id", SYSTEM_ID, f"{TWO} && {NO_ID}", ("start", "stop")),
    ("most of the PVs are there, majority_pvs", SYSTEM_ID | {"majority_pvs": "true"}, f"{THREE} && {LOSE}", RUN),
    ("raid misses a PV, degraded activation", SYSTEM_ID | {"degraded_activation": "true"}, f"{owned(RAID)} && {LOSE}", RUN),
    ("tagging", TAGGING, TWO, RUN),
    ("tagging, with a volume_list", TAGGING, f"{TWO} && {LISTED}", RUN),
    ("tagging, another tag is there", TAGGING, f"{TWO} && {LISTED} && {tag('theirs')}", ("start", "stop")),
    ("tagging, both tags are there", TAGGING, f"{TWO} && {LISTED} && {tag('pacemaker')} && {tag('theirs')}", ("start", "stop")),
    ("tagging, active without tag", TAGGING, f"{TWO} && {ACTIVE} && {LISTED}", ("probe", "start", "stop")),
    ("tagging, group with a system id", TAGGING, f"{owned(TWO)} && {LISTED}", ("start", "stop")),
    ("lvmlockd, group without lock", {"vg_access_mode": "lvmlockd"}, TWO, ("start", "stop")),
    ("clvmd", {"vg_access_mode": "clvmd"}, TWO, ("start", "stop")),
    ("no access mode", {}, TWO, ("start", "stop")),
    ("access mode that is none, active", {"vg_access_mode": "x"}, f"{TWO} && {ACTIVE}", ("stop",)),
    ("activation mode that is none", SYSTEM_ID | {"activation_mode": "x"}, owned(TWO), ("start", "stop")),
    ("one volume", NAMED, owned(TWO), LIFE),
    ("one volume, the other one is active", NAMED, f"{owned(TWO)} && lvchange -qq -ay {VG}/two", LIFE),
    ("one volume that is not there", SYSTEM_ID | {"lvname": "none"}, owned(TWO), ("probe", "start", "stop")),
    ("one thin volume", NAMED, owned(THIN), RUN),
    ("one volume with a snapshot", NAMED, owned(SNAPSHOT), RUN),
]


ONLY_LVM = {"thin volume", "snapshot", "raid", "cached volume"}
ALSO_LVM = {"whole life", "no such group", "active on start", "missing PV", "PV answers with errors", "open on stop",
            "seen twice, through another device", "LVM's tools are gone"} | ONLY_LVM


def cases(agent):
    if agent == "LVM":
        yield from ((name, MORE.get(name, {}), before, steps) for name, before, steps in COMMON if name in ALSO_LVM)
        yield from OF_LVM
        return
    # Owned by this node, so that all of it can be started.
    yield from ((name, SYSTEM_ID | MORE.get(name, {}), re.sub("--systemid ''", f"--systemid {HERE}", before), steps)
                for name, before, steps in COMMON if name not in ONLY_LVM)
    yield from OF_LVM_ACTIVATE


def shell(text):
    return subprocess.run(["bash", "-c", text], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def act(provider, agent, step, parameters):
    step, _, level = step.partition("@")
    action, _, seconds = step.partition(" ")
    probe = action == "probe"
    name = {"LVM": "volgrpname", "LVM-activate": "vgname"}[agent]
    timeout = int(seconds or 60)
    environment = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
                   "OCF_RESOURCE_INSTANCE": "p_states", "OCF_RESOURCE_TYPE": agent, "OCF_RESOURCE_PROVIDER": provider,
                   "OCF_RESKEY_CRM_meta_timeout": str(timeout * 1000), "HA_LOGFACILITY": "none", "OCF_CHECK_LEVEL": level or "0",
                   "OCF_RESKEY_CRM_meta_interval": "0" if probe or action != "monitor" else "10000",
                   "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    environment.update({f"OCF_RESKEY_{key}": value for key, value in ({name: VG} | parameters).items()})
    command = [f"/usr/lib/ocf/resource.d/{provider}/{agent}", "monitor" if probe else action]
    # In a group of its own, and killed with it at the timeout, as the cluster does.
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        said = process.communicate(timeout=timeout)[1]
        reason = re.findall("ocf-exit-reason:(.*)", said)
        return str(process.returncode), reason[-1] if reason else ""
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        return "timeout", ""


def left():
    """What is active, and what the metadata says."""
    active = sorted(name for name in re.findall(rf"^{VG}-(\S+)", shell("dmsetup ls").stdout, re.MULTILINE)
                    if not re.search("_r(image|meta)|_t(meta|data)|-(real|cow|tpool)|cvol|corig|lvol0", name))
    said = shell(f"vgs --foreign --noheadings -o vg_tags,vg_systemid --separator / {VG} 2>/dev/null").stdout.strip()
    tags, _, owner = said.partition("/")
    owner = {HERE: "own", PEER: "peer"}.get(owner, owner)
    return f"[{' '.join(active)}] tags={tags} owner={owner}"


def main():
    provider, agent, part, parts = *sys.argv[1:3], *map(int, sys.argv[3:])
    shell(f"cp {CONF} {CONF}.states; modprobe -a dm-thin-pool dm-cache dm-cache-smq dm-raid dm-snapshot raid1")
    found = {}
    for name, parameters, before, steps in list(cases(agent))[part::parts]:
        shell(CLEAN)
        made = shell(f"set -e; {before}")
        if made.returncode != 0:
            found[name] = {"seen": [f"cannot be made: {made.stderr.strip()[-300:]}"], "reasons": []}
            continue
        seen, reasons = [], []
        for step in steps:
            if step.startswith("!"):
                shell(step[1:])
                continue
            code, reason = act(provider, agent, step, parameters)
            seen.append(f"{step.split()[0]} {code}" + (f" {left()}" if step.startswith(("start", "stop")) else ""))
            reasons.append(reason)
        found[name] = {"seen": seen, "reasons": reasons}
    shell(CLEAN)
    print(json.dumps(found))


main()
