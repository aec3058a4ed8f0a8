"""The nodes' power switches, as a real server has them: one IPMI controller per node on the management network.

ipmi_sim speaks the protocol and calls tests/cluster/power to look at, cut and restore the power.
"""

import subprocess

from . import settings
from .waiting import run, wait_until

_CIPHER = "3"  # named, since ipmi_sim never answers who asks for those that it has, and ipmitool waits for seconds

_LAN = """\
name "{node}"
set_working_mc 0x20
  startlan 1
    addr {host} {port}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid {number:032x}
  endlan
  chassis_control "{program} {node}"
  user 1 false "" "" user 10 none
  user 2 true "{user}" "{password}" admin 10 none md2 md5 straight
"""

_CONTROLLER = """\
mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
"""


def start():
    """Starts a power switch for each node and waits until it answers."""
    for node in settings.NODES:
        lan, controller = node.file("ipmi.conf"), node.file("ipmi.emu")
        lan.write_text(_LAN.format(
            node=node, number=node.number, host=settings.MANAGEMENT.host, port=node.power_port,
            program=settings.HERE / "power", user=settings.FENCING_USER, password=settings.FENCING_PASSWORD))
        controller.write_text(_CONTROLLER)
        with open(node.file("ipmi.log"), "ab") as log:
            subprocess.Popen(["ipmi_sim", "-n", "-c", lan, "-f", controller, "-s", node.file("")],
                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    for node in settings.NODES:
        wait_until(f"the power switch of {node}", lambda node=node: "Power is" in ask(node, "status"), 20)


def ask(node, verb):
    """What the power switch says, as the cluster would ask it."""
    return run("ipmitool", "-I", "lanplus", "-H", settings.MANAGEMENT.host, "-p", node.power_port,
               "-U", settings.FENCING_USER, "-P", settings.FENCING_PASSWORD, "-C", _CIPHER, "-N", "3", "-R", "1",
               "chassis", "power", verb, check=False)


def configuration():
    """The same for the cluster, in the language of crm configure."""
    lines = []
    for node in settings.NODES:
        name = f"fence_{node}"
        # The times are for an emulated processor: the agent is Python and calls ipmitool several times. The device is
        # looked at rarely, because each look keeps the node busy for seconds.
        lines.append(
            f"primitive {name} stonith:fence_ipmilan params pcmk_host_list={node} ip={settings.MANAGEMENT.host} "
            f"ipport={node.power_port} username={settings.FENCING_USER} password={settings.FENCING_PASSWORD} "
            f"lanplus=true cipher={_CIPHER} power_wait=1 login_timeout=30 power_timeout=40 shell_timeout=30 "
            f"pcmk_reboot_timeout=180 pcmk_off_timeout=180 pcmk_status_timeout=120 pcmk_monitor_timeout=120 "
            f"op start timeout=180 op stop timeout=60 op monitor interval=3600 timeout=180")
        lines.append(f"location {name}_elsewhere {name} -inf: {node}")
    return "\n".join(lines) + "\n"
