#!/usr/bin/python3
"""kill_sweep.py AGENT changing|all: kills an agent at system calls of its start and of its stop, on a node: iSCSITarget or
iSCSILogicalUnit, LVM or LVM-activate.

What an agent does in configfs is done by a child of it, what it does to LVM by programs. So this is a small tracer: it counts the calls of the agent and
those of each child on their own, stops before the k-th of one of them, and kills the agent there; the child is left to
the kernel, which has been asked to end it with its parent. After each kill, stop has to succeed and leave nothing, and
the next start has to make a whole resource.
"""

import ctypes
import errno
import itertools
import os
import signal
import struct
import subprocess
import sys
import time

TARGET = "/sys/kernel/config/target"
AGENTS = "/usr/lib/ocf/resource.d/san"

IQN = "iqn.2026-01.org.example:san.sweep"
LISTED = " ".join(f"iqn.2026-01.org.example:client{number}" for number in (1, 2))

OPEN = ("iSCSITarget", {"iqn": IQN, "portals": "127.0.0.1:3260 127.0.0.1:3261"})
CLOSED = ("iSCSITarget", {"iqn": IQN, "portals": "127.0.0.1", "allowed_initiators": LISTED,
                          "incoming_username": "user", "incoming_password": "password1234",
                          "additional_parameters": "InitialR2T=No"})
DEVICE = ("iSCSILogicalUnit", {"target_iqn": IQN, "lun": "1", "path": "/dev/ram0", "product_id": "sweep",
                               "emulate_3pc": "0"})
FILE = ("iSCSILogicalUnit", {"target_iqn": IQN, "lun": "0", "path": "/root/sweep.disk"})
HIDDEN = ("iSCSILogicalUnit", DEVICE[1] | {"allowed_initiators": LISTED.split()[1], "alua_group_id": "2",
                                           "alua_state": "standby", "block_size": "4096"})

GROUP = "vg_sweep"
TAGGED = ("LVM", {"volgrpname": GROUP, "exclusive": "true"})
PLAIN = ("LVM", {"volgrpname": GROUP})
OWNED = ("LVM-activate", {"vgname": GROUP, "vg_access_mode": "system_id"})
ONE = ("LVM-activate", {"vgname": GROUP, "vg_access_mode": "tagging", "lvname": "one"})

# What is killed, what has been started below it, and what is started on top of it before it is stopped.
SWEEPS = {
    "a target that admits everybody": (OPEN, (), ()),
    "a target with a list, under a unit": (CLOSED, (), (DEVICE,)),
    "a unit on a device": (DEVICE, (OPEN,), ()),
    "a unit on a file, for the target's list": (FILE, (CLOSED,), ()),
    "a unit with a list, in an ALUA group": (HIDDEN, (CLOSED,), ()),
    "a group with a tag": (TAGGED, (), ()),
    "a group": (PLAIN, (), ()),
    "a group that nobody owns": (OWNED, (), ()),
    "a volume of a group with a tag": (ONE, (), ()),
}


class Tracer:
    """Runs a command and kills it at one of its system calls.

    Source  ptrace(2); the numbers are those of x86_64
    """

    _TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
    _OPTIONS = 0x01 | 0x02 | 0x04 | 0x08 | 0x00100000  # SYSGOOD, FORK, VFORK, CLONE, EXITKILL
    _SYSCALL_STOP = signal.SIGTRAP | 0x80
    _ENTRY = 1
    _ALL = 0x40000000  # __WALL
    _CHANGES = {82: "rename", 83: "mkdir", 84: "rmdir", 87: "unlink", 88: "symlink", 258: "mkdirat", 263: "unlinkat",
                266: "symlinkat"}
    _OPENS = {2: 1, 257: 2}  # open and openat: which argument holds the flags
    _WRITE = 1
    _MUNMAP = 11
    _DETACH = 17
    _EXECVE, _SETSID = 59, 112
    _STARTS = {56: "clone", 57: "fork", 58: "vfork", 435: "clone3"}

    def __init__(self, every_call, starts):
        self._every_call = every_call
        self._starts = starts  # whether the start of a program counts as a change
        self._loaded = False
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self._libc.ptrace.restype = ctypes.c_long

    def _ptrace(self, request, process, address=0, data=0):
        """False when the process has been killed meanwhile: its end will be told."""
        if self._libc.ptrace(request, process, address, data) >= 0:
            return True
        if (number := ctypes.get_errno()) == errno.ESRCH:
            return False
        raise OSError(number, f"ptrace {request:#x} of {process}")

    def _spawn(self, command, environment):
        process = os.fork()
        if process == 0:
            try:
                null = os.open("/dev/null", os.O_RDWR)
                for standard in range(3):
                    os.dup2(null, standard)
                self._ptrace(self._TRACEME, 0)
                os.kill(os.getpid(), signal.SIGSTOP)
                os.execve(command[0], command, environment)
            finally:
                os._exit(127)
        os.waitpid(process, 0)
        self._ptrace(self._SETOPTIONS, process, 0, self._OPTIONS)
        self._ptrace(self._SYSCALL, process)
        return process

    def _entered(self, process):
        """Number and arguments of the call that the process is about to make; None when it is not about to make one."""
        buffer = ctypes.create_string_buffer(88)
        if not self._ptrace(self._GET_SYSCALL_INFO, process, len(buffer), ctypes.addressof(buffer)):
            return None
        stop, number, *arguments = struct.unpack_from("=B23xQ6Q", buffer.raw)
        return (number, arguments) if stop == self._ENTRY else None

    def _call(self, process, entered):
        """The name of such a call if it is one that counts; else None."""
        number, arguments = entered
        if number in self._CHANGES:
            return self._CHANGES[number]
        if self._starts and number in self._STARTS:
            return self._STARTS[number]
        if number in self._OPENS and arguments[self._OPENS[number]] & (os.O_ACCMODE | os.O_CREAT):
            return "open for writing"
        if number == self._WRITE and os.readlink(f"/proc/{process}/fd/{arguments[0]}").startswith(TARGET):
            return "write"
        # The first one ends the work of the dynamic linker: before it, nothing of the agent has run.
        self._loaded |= number == self._MUNMAP
        return f"call of number {number}" if self._every_call and self._loaded else None

    def kill(self, command, environment, place, count):
        """Kills the command when its place-th child (0: it itself) is about to make its count-th call.

        Returns the name of that call, or None when there was none, and how the command and that child ended.
        """
        self._loaded = False
        agent = self._spawn(command, environment)
        processes, calls, ends, halted, name = [agent], {agent: 0}, {}, set(), None
        while len(ends) < len(processes):
            process, status = os.waitpid(-1, self._ALL)
            if process not in calls:
                processes.append(process)
                calls[process] = 0
            if os.WIFSTOPPED(status):
                signalled = os.WSTOPSIG(status)
                entered = self._entered(process) if signalled == self._SYSCALL_STOP else None
                if entered and process != agent and entered[0] in (self._EXECVE, self._SETSID):
                    # From here on another program, or work that is meant to outlive the agent.
                    ends[process] = -signal.SIGKILL
                    self._ptrace(self._DETACH, process)
                    continue
                if entered and name is None and (call := self._call(process, entered)):
                    calls[process] += 1
                    if processes.index(process) == place and calls[process] == count:
                        name = call
                if name is None or agent in ends:
                    own = signalled in (self._SYSCALL_STOP, signal.SIGTRAP, signal.SIGSTOP)
                    self._ptrace(self._SYSCALL, process, 0, 0 if own else signalled)
                    continue
                halted.add(process)
            else:
                ends[process] = os.waitstatus_to_exitcode(status)
                if process == agent:
                    # By now the kernel has told the children, unless they had not asked for it yet.
                    for other in halted - ends.keys():
                        self._ptrace(self._SYSCALL, other)
            # Not while a child is in the middle of a call, see the scenario.
            if name and agent not in ends and halted | ends.keys() | {agent} == set(processes):
                os.kill(agent, signal.SIGKILL)
        return name, ends[agent], ends[processes[place]] if place < len(processes) else None


class Resource:
    """One resource, and its actions as the cluster runs them."""

    def __init__(self, agent, parameters):
        self.agent = agent
        self.command = f"{AGENTS}/{agent}"
        self.environment = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
                            "OCF_RESOURCE_INSTANCE": f"p_{agent}", "OCF_RESKEY_CRM_meta_timeout": "60000",
                            "OCF_RESKEY_CRM_meta_interval": "10000", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        self.environment.update({f"OCF_RESKEY_{name}": value for name, value in parameters.items()})

    def must(self, action, code, after):
        done = subprocess.run([self.command, action], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != code:
            raise AssertionError(f"{self.agent} {action} after {after}: exit {done.returncode} instead of {code}: "
                                 f"{done.stderr.strip()}")


def tree(place=TARGET):
    """Every directory and link in configfs."""
    found = []
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.is_symlink():
                found.append(f"{entry.path} -> {os.path.realpath(entry.path)}")
            elif entry.is_dir():
                found += [entry.path, *tree(entry.path)]
    return sorted(found)


def printed(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout.splitlines()


def group():
    """Active volumes, owner and tags, and what agents have noted."""
    notes = [os.path.join(place, name) for place, _, names in os.walk("/run/resource-agents") for name in names
             if "san-" in place + name]
    devices = [line.split()[0] for line in printed("dmsetup", "ls") if line.startswith(GROUP)]
    return sorted([*notes, *devices, *printed("vgs", "--foreign", "--noheadings", "-o", "vg_tags,vg_systemid", GROUP)])


def same(found, expected, point):
    if found != expected:
        more, less = set(found) - set(expected), set(expected) - set(found)
        raise AssertionError(f"{point}: too much: {sorted(more)}, too little: {sorted(less)}")


def kill_everywhere(tracer, resource, action, before, after):
    """Kills an action at one call after the other, in one of its processes after the other; returns how often.

    `before` leads to the state in which each begins, `after` judges what the kill of that process has left.
    """
    kills = 0
    for place in itertools.count():
        for count in itertools.count(1):
            before()
            call, code, end = tracer.kill([resource.command, action], resource.environment, place, count)
            if call is None:
                break
            point = f"{action} was killed at the {count}. call of its process {place}, {call}"
            # 1 is that of a child which had not yet asked to be ended, and saw by itself that it was alone.
            if code != -signal.SIGKILL or end not in (-signal.SIGKILL, 1):
                raise AssertionError(f"{point}: but it ended with {code} and that process with {end}")
            after(point, place)
            kills += 1
        if code != 0:
            raise AssertionError(f"{action} was only watched, and ended with {code}")
        if end is None:
            return kills


def sweep(tracer, resource, guests, tree):
    """Both actions; `guests` have started on top of the resource when it is stopped. `tree` looks what is there."""
    everyone = (resource, *guests)
    nothing = tree()
    resource.must("start", 0, "nothing")
    whole = tree()

    def act(action, after):
        for one in everyone:
            one.must(action, 0, after)

    def recovers(point, place, ground):
        harmless = place == 0 and tree() == ground
        act("stop", point)
        same(tree(), nothing, point)
        if harmless:
            return
        resource.must("monitor", 7, point)
        resource.must("start", 0, point)
        resource.must("monitor", 0, point)
        same(tree(), whole, point)

    starts = kill_everywhere(tracer, resource, "start", lambda: act("stop", "a clean start"),
                             lambda point, place: recovers(point, place, nothing))
    act("start", "a clean stop")
    full = tree()
    stops = kill_everywhere(tracer, resource, "stop", lambda: act("start", "a clean stop"),
                            lambda point, place: recovers(point, place, full))
    act("stop", "a clean start")
    same(tree(), nothing, "both sweeps")
    return starts, stops


def prepare_target():
    subprocess.run(["modprobe", "brd", "rd_nr=1", "rd_size=16384"], check=True)
    subprocess.run(["truncate", "--size=16M", FILE[1]["path"]], check=True)
    # The modules, and what a first life leaves behind on purpose.
    for action in ("start", "stop"):
        Resource(*OPEN).must(action, 0, "nothing")


def prepare_group():
    for command in (f"vgcreate -qq -y --systemid= --setautoactivation n {GROUP} /dev/ram0",
                    f"lvcreate -qq -y -an -Wn -Zn -l 1 -n one {GROUP}", f"lvcreate -qq -y -an -Wn -Zn -l 1 -n two {GROUP}"):
        subprocess.run(command.split(), check=True)


def main():
    agent, calls = sys.argv[1:]
    of_lvm = agent.startswith("LVM")
    tracer = Tracer(calls == "all", of_lvm)
    (prepare_group if of_lvm else prepare_target)()
    for title, (subject, below, above) in SWEEPS.items():
        if subject[0] != agent:
            continue
        floors = [Resource(*floor) for floor in below]
        begin = time.monotonic()
        try:
            for floor in floors:
                floor.must("start", 0, "nothing")
            starts, stops = sweep(tracer, Resource(*subject), [Resource(*guest) for guest in above],
                                  group if of_lvm else tree)
            for floor in floors:
                floor.must("stop", 0, "its units")
        except AssertionError as failure:
            print(f"{title}: {failure}")
            return 1
        print(f"{title}: killed at {starts} calls of start and {stops} of stop, {time.monotonic() - begin:.0f} s",
              flush=True)
    return 0


sys.exit(main())
