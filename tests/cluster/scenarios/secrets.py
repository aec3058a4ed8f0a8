# Needs the initiator and RAM disks. Proves CHAP in both directions, and that a secret in a file is in that file and in the
# kernel and nowhere else: no process has it in its arguments or environment, no log, no file and no message of the cluster.

import re

from sanlab import access, agent, cluster, ram_target, settings
from sanlab.waiting import Failure, say, wait_until

STACK = False

_NODE = ram_target.NODE
_FILES = {"/etc/san-incoming": "Uqv7incoming4kZt", "/etc/san-outgoing": "Bn3woutgoing9Xsp"}
_IN_CIB = "Hd5cconfigured2Qm"
_MARK = "/run/lab.secrets"
# The name's length makes the kernel's answer a multiple of four bytes: libiscsi up to 1.20 reads the padding behind it as
# text, and the kernel leaves there what it had sent before (6.1).
_CHAP = ("incoming_username=joe incoming_password_file=/etc/san-incoming "
         "outgoing_username=target outgoing_password_file=/etc/san-outgoing")
_INITIATOR = "iqn.2026-01.com.example:san-initiator"
# Of these the kernel makes up the content when it is read, or the search itself is in them.
_KERNEL = "proc sysfs configfs debugfs tracefs cgroup2 bpf securityfs pstore devpts mqueue hugetlbfs"
_AUTH = re.compile(r"/sys/kernel/config/target/iscsi/[^>]*/auth/password")


def put_files(lab):
    """The secrets on the node, and beside the initiator."""
    for node in settings.NODES:
        access.on(node, f"touch {_MARK}")
    for path, secret in _FILES.items():
        access.on(_NODE, f"umask 077; cat >{path}", stdin=secret + "\n")
        local = lab.place / path.rpartition("/")[2]
        local.write_text(secret + "\n")
        local.chmod(0o600)
    (lab.place / "wrong").write_text("another secret\n")


def expect_login(lab, wanted, what, *options):
    found, complaint = ram_target.login(lab.program, ram_target.LUNS[0], *options)
    say(f"  login {what}: {'yes' if found else complaint}")
    if bool(found) != wanted:
        raise Failure(f"login {what}: {'refused' if wanted else 'possible'}: {complaint}")


def check_logins(lab):
    def by(incoming, outgoing=None):
        options = ["--user", "joe", "--password-file", lab.place / incoming]
        if outgoing:
            options += ["--target-user", "target", "--target-password-file", lab.place / outgoing]
        return options
    expect_login(lab, True, "with the initiator's secret", *by("san-incoming"))
    expect_login(lab, True, "with both", *by("san-incoming", "san-outgoing"))
    expect_login(lab, False, "with none")
    expect_login(lab, False, "with a wrong one", *by("wrong"))
    expect_login(lab, False, "to a target that does not know its own", *by("san-incoming", "wrong"))


def places(node, secret):
    """Where a secret can be found on a node: files that have been written since the beginning, processes, the cluster."""
    skip = " -o ".join(f"-fstype {kind}" for kind in _KERNEL.split())
    pattern = "/dev/shm/lab.pattern"  # not an argument, where it would be found
    found = access.on(node, f"cat >{pattern}; find / \\( {skip} \\) -prune -o -type f -newer {_MARK} ! -path {pattern} "
                            f"-print0 | xargs -0r grep -laF -f {pattern}; "
                            f"grep -laF -f {pattern} /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; "
                            f"journalctl --no-pager | grep -qF -f {pattern} && echo journal; "
                            f"dmesg | grep -qF -f {pattern} && echo kernel log; "
                            f"crm_mon -1 --inactive | grep -qF -f {pattern} && echo crm_mon; "
                            f"cibadmin --query | grep -qF -f {pattern} && echo CIB; rm {pattern}", stdin=secret + "\n")
    return set(found.splitlines())


def expect_places(secret, wanted):
    """Wanted: a pattern for each place, by node; others get none."""
    for node in settings.NODES:
        found = places(node, secret)
        say(f"  on {node} the secret is in: {', '.join(sorted(found)) or 'no place'}")
        if surplus := [place for place in found if not re.fullmatch(wanted.get(node, "(?!)"), place)]:
            raise Failure(f"{node}: the secret is in {', '.join(sorted(surplus))}")
        if node in wanted and not found:
            raise Failure(f"{node}: the secret is not found where it was put: the search finds nothing")


def trace(action):
    """Every system call of an action that carries a secret somewhere."""
    parameters = {"iqn": settings.IQN, "portals": ram_target.PORTAL} | dict(word.split("=") for word in _CHAP.split())
    command = agent.command("iSCSITarget", action, parameters)
    access.on(_NODE, f"strace -f -y -v -s 4096 -o /run/lab.trace {command} || true; sync")
    lines = access.on(_NODE, "cat /run/lab.trace; rm /run/lab.trace").splitlines()
    if not any("execve(" in line for line in lines):
        raise Failure(f"nothing was traced of {action}")
    return [line for line in lines for secret in _FILES.values() if secret in line]


def check_system_calls():
    """The agent's own calls: it reads the files, and gives the secrets to the kernel."""
    given = 0
    for action in ("start", "monitor", "reload-agent", "validate-all", "stop"):
        for line in trace(action):
            call = re.search(r"(\w+)\(\d+<([^>]*)>", line)
            if not call or not (call[1] == "read" and (call[2] in _FILES or _AUTH.match(call[2])) or
                                call[1] == "write" and _AUTH.match(call[2])):
                raise Failure(f"{action} has a secret in: {line}")
            given += call[1] == "write"
    say(f"  in the agent's system calls: read from the files, {given} times written to the kernel")
    if not given:
        raise Failure("no secret was given to the kernel: the trace shows nothing")


def provoke():
    """A target whose secret is wrong is a failure that the cluster shows and mends."""
    auth = f"/sys/kernel/config/target/iscsi/{settings.IQN}/tpgt_1/auth/password"
    access.on(_NODE, f"printf %s 'something else' >{auth}")
    wait_until("the wrong secret to be noticed", lambda: cluster.view(_NODE).failures(), 60, 1)
    failure = cluster.view(_NODE).failures()[0]
    say(f"  {failure.key}: {failure.reason}")
    if "CHAP password is another one" not in failure.reason:
        raise Failure(f"not for the wrong secret: {failure}")
    cluster.wait_idle(_NODE)


def run(lab):
    put_files(lab)
    check_system_calls()
    ram_target.configure(_CHAP)
    check_logins(lab)
    provoke()
    check_logins(lab)
    cluster.clean_up(_NODE, ram_target.TARGET)
    cluster.wait_idle(_NODE)
    for path, secret in _FILES.items():
        expect_places(secret, {_NODE: re.escape(path)})

    # In the configuration it is where Pacemaker keeps that, and in no word of ours.
    ram_target.change(ram_target.TARGET, "outgoing_password_file", "")
    ram_target.change(ram_target.TARGET, "outgoing_password", _IN_CIB)
    (lab.place / "configured").write_text(_IN_CIB + "\n")
    expect_login(lab, True, "with the one of the configuration", "--user", "joe", "--password-file",
                 lab.place / "san-incoming", "--target-user", "target", "--target-password-file", lab.place / "configured")
    # Its log has each change of the configuration; the others are buffers between its daemons.
    pacemakers = r"CIB|/var/lib/pacemaker/.*|/var/log/pacemaker/pacemaker\.log|/dev/shm/qb-.*"
    expect_places(_IN_CIB, {node: pacemakers for node in settings.NODES})
