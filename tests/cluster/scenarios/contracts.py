# Needs the test programs of the build (--build). Proves that the fakes, on which the unit tests rest, behave as the kernel
# does: the same contract tests that run on the fakes everywhere run here on the real device-mapper, LIO and DRBD.

from sanlab import access, agent, settings
from sanlab.waiting import Failure, say

STACK = False

# tgtd needs nothing of the kernel: its test has met a real one where it was built.
_ELSEWHERE = {"tgt_contract_test"}


def run(lab):
    node = settings.ALICE
    programs = sorted(program for program in lab.build.glob("tests/kernel/*_contract_test")
                      if program.name not in _ELSEWHERE)
    if not programs:
        raise Failure(f"no contract tests in {lab.build}/tests/kernel")
    access.on(node, "modprobe -a dm_mod target_core_mod iscsi_target_mod drbd && mkdir -p /sys/kernel/config/target/iscsi")
    for host in settings.NODES:
        agent.must(host, agent.DRBD[0], "start", agent.DRBD[1])
    for program in programs:
        place = f"/root/{program.name}"
        access.push(program, node, place)
        variables = f"SAN_TEST_KERNEL=1 SAN_TEST_RESOURCE={settings.DRBD_RESOURCE}"
        output = access.on(node, f"{variables} {place} 2>&1; echo \"code $?\"", timeout=600)
        if not output.rstrip().endswith("code 0"):
            raise Failure(f"{program.name} on the real kernel: {output[-3000:]}")
        say(f"  {program.name}: {output.strip().splitlines()[-3]}")

