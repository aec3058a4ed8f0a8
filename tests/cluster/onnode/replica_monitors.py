#!/usr/bin/python3
"""replica_monitors.py RESOURCE COUNT REPEAT: what a monitor of a DRBD resource costs when there are 1 and COUNT of them, ours
beside the stock agent's, in turn.

Prints one line of JSON. Each cost is [wall, CPU] in milliseconds, the median, of the process and all that it waits for.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

FOLDERS = {"stock": "/usr/lib/ocf/resource.d/linbit", "ours": "/usr/lib/ocf/resource.d/san"}
NOTE = "/run/resource-agents/san-score-p_bench"
META = {"notify": "true", "clone_max": 2, "clone_node_max": 1, "master_max": 1, "master_node_max": 1, "promoted_max": 1,
        "promoted_node_max": 1, "timeout": 60000, "interval": 10000}


def environment(resource):
    variables = {"OCF_ROOT": "/usr/lib/ocf", "OCF_RA_VERSION_MAJOR": "1", "OCF_RA_VERSION_MINOR": "1",
                 "OCF_RESOURCE_INSTANCE": "p_bench", "HA_LOGFACILITY": "none", "HA_RSCTMP": "/run/resource-agents",
                 "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "OCF_RESKEY_drbd_resource": resource}
    variables.update({f"OCF_RESKEY_CRM_meta_{name}": str(value) for name, value in META.items()})
    return variables


def monitor(whose, resource):
    begin = time.monotonic()
    process = subprocess.Popen([f"{FOLDERS[whose]}/drbd", "monitor"], env=environment(resource), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"monitor of {whose}: exit {process.returncode}")
    return [(time.monotonic() - begin) * 1000, (used.ru_utime + used.ru_stime) * 1000]


def programs(whose, resource):
    """How many programs a monitor executes."""
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace.name, f"{FOLDERS[whose]}/drbd", "monitor"],
                       env=environment(resource), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return len(re.findall(r"execve\(.*= 0$", trace.read(), re.MULTILINE))


def forget():
    if os.path.exists(NOTE):
        os.remove(NOTE)


def costs(resource, repeat):
    rounds = {"stock": [], "ours": [], "ours, telling the score": []}
    monitor("ours", resource)
    for _ in range(repeat):
        rounds["stock"].append(monitor("stock", resource))
        rounds["ours"].append(monitor("ours", resource))
        forget()
        rounds["ours, telling the score"].append(monitor("ours", resource))
    found = {name: [statistics.median(column) for column in zip(*measured)] for name, measured in rounds.items()}
    found["programs"] = {whose: programs(whose, resource) for whose in FOLDERS}
    return found


def add(count):
    """So many more resources, in the configuration and in the kernel, without disks."""
    for number in range(1, count + 1):
        name = f"more{number}"
        with open(f"/etc/drbd.d/{name}.res", "w", encoding="ascii") as file:
            hosts = "".join(f"  on {host} {{ address 127.0.0.1:{9000 + number}; }}\n" for host in ("alice", "bob"))
            file.write(f"resource {name} {{\n  device minor {100 + number};\n  disk /dev/none{number};\n"
                       f"  meta-disk internal;\n{hosts}}}\n")
        for verb in ("new-resource", "new-minor"):
            subprocess.run(["drbdadm", verb, name], check=True, stdout=subprocess.DEVNULL)


def main():
    resource, count, repeat = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    found = {1: costs(resource, repeat)}
    add(count - 1)
    found[count] = costs(resource, repeat)
    print(json.dumps(found))


main()
