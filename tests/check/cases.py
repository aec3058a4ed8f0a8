# SPDX-License-Identifier: GPL-2.0-or-later
"""For each rule of san-check, what breaks it and nothing else.

A change is a file of the good configuration, a text in it that is there exactly once, and what takes its place;
a text of None is put in front of the mark.
"""

_NEW_PORTBLOCK = """<primitive id="{id}" class="ocf" provider="san" type="portblock">
  <instance_attributes id="{id}-ia"><nvpair id="{id}-a" name="action" value="{action}"/>
  <nvpair id="{id}-p" name="protocol" value="tcp"/><nvpair id="{id}-n" name="portno" value="3261"/>
  <nvpair id="{id}-i" name="ip" value="192.0.2.10"/></instance_attributes>
  <operations><op id="{id}-m" name="monitor" interval="10s" timeout="10s"/></operations></primitive>"""

_UNIT = """<primitive id="{id}" class="ocf" provider="san" type="iSCSILogicalUnit">
  <instance_attributes id="{id}-ia"><nvpair id="{id}-t" name="target_iqn" value="iqn.2026-01.org.example:san"/>
  <nvpair id="{id}-l" name="lun" value="{lun}"/><nvpair id="{id}-p" name="path" value="/dev/vg_san/{path}"/>
  <nvpair id="{id}-s" name="{name}" value="{value}"/>
  </instance_attributes><operations>
  <op id="{id}-1" name="start" timeout="20s"/><op id="{id}-2" name="stop" timeout="30s"/>
  <op id="{id}-3" name="monitor" interval="10s" timeout="20s"/></operations></primitive>"""

_LUN = '<nvpair name="lun" value="1" id="p_lu_san_1-instance_attributes-lun" />'
_ADDRESS = '<primitive id="p_ip1_san"'
_OPTION = '<option name="{}" value="{}"/>'
_RSC = "</resources>"
_STICKINESS = ('<nvpair name="resource-stickiness" value="100" id="g_san-meta_attributes-resource-stickiness" />')
_DRBD_ORDER = ('<rsc_order id="o_after_drbd_san" kind="Mandatory" first="ms_drbd_san" first-action="promote" then="g_san" '
               'then-action="start" />')
_DRBD_COLOCATION = '<rsc_colocation id="col_with_drbd_san" score="INFINITY"'
_BACKEND = '<section name="disk">'
_NET = '<option name="protocol" value="C"/>'
_FENCING = '<option name="fencing" value="resource-and-stonith"/>'
_HANDLER = '<option name="fence-peer" value="/usr/sbin/san-fence-peer"/>'
_UNFENCE = '<option name="unfence-peer" value="/usr/sbin/san-unfence-peer"/>'
_DELAY = '<nvpair name="pcmk_delay_base" value="5s" id="fence1_san-instance_attributes-pcmk_delay_base" />'
_PASSWORD = '<nvpair name="password_script" value="/etc/pacemaker/fence-password" id="fence1_san-'
_STONITH = ('<nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="true" />')


def _param(name, value):
    return f'<nvpair name="{name}" value="{value}" id="added-{name}" />'


# Rule: changes, and words of the command line where one is needed.
CASES = {
    "fencing-off": ([("cib", _STONITH, _STONITH.replace("true", "false")),
                     ("drbd", _FENCING, _OPTION.format("fencing", "resource-only"))], []),
    "fencing-device": ([("cib", 'id="fence1_san" class="stonith" type="fence_ipmilan"',
                         'id="fence1_san" class="systemd" type="dummy"'),
                        ("cib", 'id="fence2_san" class="stonith" type="fence_ipmilan"',
                         'id="fence2_san" class="systemd" type="dummy"')], []),
    "fencing-race": ([("cib", _DELAY, "")], []),
    "no-quorum-policy": ([("corosync", "two_node: 1", "expected_votes: 2")], []),
    "maintenance": ([("cib", _STONITH, _STONITH + '<nvpair id="mm" name="maintenance-mode" value="true" />')], []),
    "fence-leftover": ([("cib", "</constraints>", """<rsc_location id="drbd-fence-by-handler-r0-ms_drbd_san" rsc="ms_drbd_san">
        <rule id="fr" role="Promoted" score="-INFINITY"><expression id="fe" attribute="#uname" operation="ne" value="alice"/>
        </rule></rsc_location></constraints>""")], []),
    "move-leftover": ([("cib", "</constraints>", '<rsc_location id="cli-ban-g_san-on-bob" rsc="g_san" node="bob" '
                        'score="-INFINITY"/></constraints>')], []),
    "drbd-clone": ([("cib", '<nvpair name="promotable" value="true" id="ms_drbd_san-meta_attributes-promotable" />', "")], []),
    "drbd-notify": ([("cib", '<nvpair name="notify" value="true"', '<nvpair name="notify" value="false"')], []),
    "dual-primary": ([("cib", '<nvpair name="promoted-max" value="1"', '<nvpair name="promoted-max" value="2"')], []),
    "monitor-interval": ([("cib", 'interval="20s" timeout="20s" role="Unpromoted"',
                           'interval="10s" timeout="20s" role="Unpromoted"')], []),
    "promoted-monitor": ([("cib", '<op name="monitor" interval="10s" timeout="20s" role="Promoted" '
                           'id="p_drbd_san-monitor-10s" />', "")], []),
    "monitor-missing": ([("cib", '<op name="monitor" interval="10s" timeout="30s" id="p_lvm_san-monitor-10s" />', "")], []),
    "timeouts": ([("cib", '<op name="stop" interval="0" timeout="30s" id="p_lvm_san-stop-0" />',
                   '<op name="stop" interval="0" timeout="5s" id="p_lvm_san-stop-0" />')], []),
    "stop-failure": ([("cib", '<op name="stop" interval="0" timeout="30s" id="p_lvm_san-stop-0" />',
                       '<op name="stop" interval="0" timeout="30s" on-fail="ignore" id="p_lvm_san-stop-0" />')], []),
    "stickiness": ([("cib", _STICKINESS, "")], []),
    "drbd-order": ([("cib", _DRBD_ORDER, "")], []),
    "drbd-colocation": ([("cib", _DRBD_COLOCATION, _DRBD_COLOCATION.replace("INFINITY", "100"))], []),
    "target-order": ([("cib", '<nvpair name="target_iqn" value="iqn.2026-01.org.example:san"',
                       '<nvpair name="target_iqn" value="iqn.2026-01.org.example:other"')], []),
    # Without its partners: else the ports are closed until the unit is there.
    "address-before-unit": ([("cib", 'id="p_block1_san" class="ocf" provider="san" type="portblock"',
                              'id="p_block1_san" class="systemd" type="dummy"'),
                             ("cib", 'id="p_unblock1_san" class="ocf" provider="san" type="portblock"',
                              'id="p_unblock1_san" class="systemd" type="dummy"'),
                             ("cib", "move p_ip1_san", "p_target_san")], []),
    "unit-identity": ([("cib", _ADDRESS, _UNIT.format(id="p_lu_2", lun=2, path="lun2", name="scsi_sn", value="abc")
                        + _UNIT.format(id="p_lu_3", lun=3, path="lun3", name="scsi_sn", value="abc") + _ADDRESS)], []),
    "unit-number": ([("cib", _ADDRESS, _UNIT.format(id="p_lu_2", lun=1, path="lun2", name="scsi_sn", value="abc")
                      + _ADDRESS)], []),
    "write-cache": ([("cib", _LUN, _LUN + _param("additional_parameters", "emulate_write_cache=1"))], []),
    "time2retain": ([], ["--failover", "45"]),
    "portal-address": ([("cib", 'value="192.0.2.10:3260 198.51.100.10:3260"',
                         'value="192.0.2.10:3260 198.51.100.10:3260 203.0.113.5:3260"')], []),
    "block-partner": ([("cib", '<primitive id="p_block1_san"', _NEW_PORTBLOCK.format(id="p_more", action="block")
                        + '<primitive id="p_block1_san"')], []),
    "block-order": ([("cib", "move p_unblock1_san", "p_ip1_san")], []),
    "secret-in-cluster": ([("cib", _PASSWORD, _PASSWORD.replace("password_script", "password"))], []),
    "drbd-handlers": ([("drbd", _HANDLER, ""), ("drbd", _UNFENCE, "")], []),
    "drbd-policy": ([("drbd", _FENCING, "")], []),
    "drbd-unprotected": ([("drbd", _FENCING, ""), ("drbd", _HANDLER, ""), ("drbd", _UNFENCE, "")], []),
    "drbd-unfence": ([("drbd", _UNFENCE, "")], []),
    # The cluster's own fault is found as well, and left out here.
    "drbd-freeze": ([("cib", _STONITH, _STONITH.replace("true", "false"))], ["--except", "fencing-off"]),
    "drbd-protocol": ([("drbd", _NET, _OPTION.format("protocol", "A"))], []),
    "drbd-discard": ([("drbd", 'value="discard-zero-changes"', 'value="discard-least-changes"')], []),
    "drbd-two-primaries": ([("drbd", _NET, _NET + _OPTION.format("allow-two-primaries", "yes"))], []),
    "drbd-flushes": ([("drbd", _BACKEND, _BACKEND + _OPTION.format("disk-flushes", "no"))], []),
    "resync-after": ([("drbd", _BACKEND, _BACKEND + _OPTION.format("resync-after", "r7/0"))], []),
    "ping-timeout": ([("drbd", 'name="ping-timeout" value="5"', 'name="ping-timeout" value="50"')], []),
    "drbd-resource": ([("drbd", '<resource name="r0"', '<resource name="other"')], []),
    "drbd-host": ([("cib", 'uname="alice"', 'uname="carol"'), ("cib", 'uname="bob"', 'uname="dave"')], []),
    "lvm-filter": ([("alice", '"r|^/dev/sdb|"', '"r|^/dev/sdc|"')], []),
    "group-at-boot": ([("bob", 'autoactivation="false"', 'autoactivation="true"')], []),
    "service-at-boot": ([("alice", '<unit name="corosync.service"/>', '<unit name="drbd.service"/>')], []),
    "stray-target": ([("bob", '<target name="iqn.2026-01.org.example:san"/>', '<target name="iqn.2026-01.org.example:old"/>')], []),
    "open-secret": ([("bob", 'path="/etc/drbd.d/global_common.conf" mode="384"',
                      'path="/etc/drbd.d/global_common.conf" mode="420"')], []),
    "rings": ([("corosync", "ring1_addr: 10.2.0.1", "ring1_addr: 10.1.0.101")], []),
    "files-differ": ([("bob", "differs on nobody", "differs on bob")], []),
    "unread": ([("bob", '<unit name="corosync.service"/>', "<gap>LVM's configuration: lvmconfig does not answer</gap>")], []),
}
