# SPDX-License-Identifier: GPL-2.0-or-later
"""The stacks of well-known documents, as they configure them: shell agents, and what the authors set.

Written anew, not copied; what a document leaves to the reader is left out here as well. multipath_on_scst and files_over_nfs were
compared with their documents resource by resource, operation by operation and constraint by constraint; the others are what
their documents set up, with faults that many copies of them share.
"""

import xml.etree.ElementTree as xml
from xml.sax.saxutils import quoteattr


def _attributes(kind, owner, values):
    pairs = "".join(f"<nvpair id='{owner}-{kind}-{name}' name='{name}' value={quoteattr(str(value))}/>"
                    for name, value in values.items())
    return f"<{kind} id='{owner}-{kind}'>{pairs}</{kind}>" if pairs else ""


def _primitive(name, agent, params, ops=()):
    """ops: (name, interval, timeout, role), as far as the document says."""
    parts = agent.split(":")
    provider = f"provider='{parts[1]}'" if len(parts) == 3 else ""
    written = ""
    for number, (action, interval, timeout, role) in enumerate(ops):
        more = (f" timeout='{timeout}'" if timeout else "") + (f" role='{role}'" if role else "")
        written += f"<op id='{name}-op-{number}' name='{action}' interval='{interval}'{more}/>"
    return (f"<primitive id='{name}' class='{parts[0]}' {provider} type='{parts[-1]}'>"
            f"{_attributes('instance_attributes', name, params)}<operations>{written}</operations></primitive>")


def _drbd(name, clone, resource, ops):
    meta = {"master-max": 1, "master-node-max": 1, "clone-max": 2, "clone-node-max": 1, "notify": "true"}
    return (f"<master id='{clone}'>{_attributes('meta_attributes', clone, meta)}"
            f"{_primitive(name, 'ocf:linbit:drbd', {'drbd_resource': resource}, ops)}</master>")


def _group(name, *members):
    return f"<group id='{name}'>{''.join(members)}</group>"


def _together(name, what, with_what, role=""):
    more = f" with-rsc-role='{role}'" if role else ""
    return f"<rsc_colocation id='{name}' score='INFINITY' rsc='{what}' with-rsc='{with_what}'{more}/>"


def _after(name, first, then, action="start"):
    return f"<rsc_order id='{name}' score='INFINITY' first='{first}' first-action='{action}' then='{then}' then-action='start'/>"


def _cib(properties, resources, constraints, defaults=None):
    text = ("<cib><configuration><crm_config><cluster_property_set id='cib-bootstrap-options'>"
            + "".join(f"<nvpair id='p-{name}' name='{name}' value='{value}'/>" for name, value in properties.items())
            + "</cluster_property_set></crm_config><nodes><node id='1' uname='alice'/><node id='2' uname='bob'/></nodes>"
            f"<resources>{''.join(resources)}</resources><constraints>{''.join(constraints)}</constraints>"
            f"<rsc_defaults>{_attributes('meta_attributes', 'rsc', defaults or {})}</rsc_defaults></configuration></cib>")
    xml.fromstring(text)
    return text


_TWO_ROLES = [("monitor", "29", "", "Master"), ("monitor", "31", "", "Slave")]
_EACH_10 = [("monitor", "10s", "", "")]
_IQN = "iqn.2001-04.com.example:storage.san"
_OLD = {"stonith-enabled": "false", "no-quorum-policy": "ignore"}
_STICKY = {"resource-stickiness": 200}


def _unit(name, lun, path, **more):
    return _primitive(name, "ocf:heartbeat:iSCSILogicalUnit", {"target_iqn": _IQN, "lun": lun, "path": path, **more}, _EACH_10)


def _address(name, ip, ops=_EACH_10, **more):
    return _primitive(name, "ocf:heartbeat:IPaddr2", {"ip": ip, "cidr_netmask": 24, **more}, ops)


def grouped_on_lvm():
    """LINBIT, Highly available iSCSI storage with DRBD and Pacemaker: LVM on one DRBD resource, one group."""
    return _cib(_OLD, [
        _drbd("p_drbd_iscsi", "ms_drbd_iscsi", "iscsi", _TWO_ROLES),
        _group("rg_iscsi",
               _primitive("p_lvm", "ocf:heartbeat:LVM", {"volgrpname": "iscsi"}, _EACH_10),
               _primitive("p_target", "ocf:heartbeat:iSCSITarget", {"iqn": _IQN, "tid": 1}, _EACH_10),
               _unit("p_lu_1", 1, "/dev/iscsi/lun1"), _unit("p_lu_2", 2, "/dev/iscsi/lun2"),
               _address("p_ip", "10.9.9.180"))],
        [_after("o_drbd_before_iscsi", "ms_drbd_iscsi", "rg_iscsi", "promote"),
         _together("c_iscsi_on_drbd", "rg_iscsi", "ms_drbd_iscsi", "Master")], _STICKY)


def per_unit_on_tgt():
    """bitgnome, 2012: a DRBD resource for each unit on tgt, no group, fencing by IPMI with a location for each."""
    ops = [("start", "0", "240s", ""), ("promote", "0", "90s", ""), ("demote", "0", "90s", ""), ("notify", "0", "90s", ""),
           ("stop", "0", "100s", ""), ("monitor", "20s", "20s", "Slave"), ("monitor", "10s", "20s", "Master")]
    ten = [("start", "0", "10s", ""), ("stop", "0", "10s", ""), ("monitor", "10s", "10s", "")]
    twenty = [("start", "0", "20s", ""), ("stop", "0", "20s", ""), ("monitor", "10s", "20s", "")]
    page = "mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0"
    resources, constraints = [], []
    for node, ip in (("alice", "10.0.0.101"), ("bob", "10.0.0.102")):
        resources.append(_primitive(f"fence_{node}", "stonith:fence_ipmilan", {
            "pcmk_host_list": node, "ipaddr": ip, "login": "fencing", "passwd": "secret", "lanplus": "true"},
            [("monitor", "60s", "60s", "")]))
        constraints.append(f"<rsc_location id='l_fence_{node}' rsc='fence_{node}' node='{node}' score='-INFINITY'/>")
    resources.append(_primitive("p_target", "ocf:heartbeat:iSCSITarget",
                                {"implementation": "tgt", "iqn": _IQN, "tid": 1, "allowed_initiators": "10.0.0.11 10.0.0.12"},
                                ten))
    for number in (1, 2):
        drbd, unit, ip = f"ms_drbd_{number}", f"p_lu_{number}", f"p_ip_{number}"
        resources += [_drbd(f"p_drbd_{number}", drbd, f"lun{number}", ops),
                      _primitive(unit, "ocf:heartbeat:iSCSILogicalUnit",
                                 {"implementation": "tgt", "target_iqn": _IQN, "lun": number, "path": f"/dev/drbd{number}",
                                  "scsi_id": f"san.lun{number}", "scsi_sn": f"sn-{number}", "additional_parameters": page}, ten),
                      _address(ip, f"10.0.0.{number}", twenty)]
        constraints += [_together(f"c_lu_{number}", unit, drbd, "Master"),
                        f"<rsc_colocation id='c_drbd_{number}' score='INFINITY' rsc='{drbd}' rsc-role='Master' "
                        f"with-rsc='p_target' with-rsc-role='Started'/>",
                        _together(f"c_ip_{number}", ip, unit),
                        f"<rsc_order id='o_target_{number}' score='INFINITY' first='p_target' first-action='start' "
                        f"then='{drbd}' then-action='promote'/>",
                        _after(f"o_lu_{number}", drbd, unit, "promote"), _after(f"o_ip_{number}", unit, ip)]
    return _cib({"stonith-enabled": "true", "no-quorum-policy": "ignore"}, resources, constraints, _STICKY)


def grouped_on_drbd():
    """Several DRBD resources under one group of target, units and address; the address is first, and monitors are alike."""
    alike = [("monitor", "15s", "", "Master"), ("monitor", "15s", "", "Slave")]
    sets = ("<rsc_order id='o_all' score='INFINITY'><resource_set id='s1' sequential='false' action='promote'>"
            "<resource_ref id='ms_drbd_1'/><resource_ref id='ms_drbd_2'/></resource_set>"
            "<resource_set id='s2' action='start'><resource_ref id='g_iscsi'/></resource_set></rsc_order>",
            "<rsc_colocation id='c_all' score='INFINITY'><resource_set id='s3'><resource_ref id='g_iscsi'/></resource_set>"
            "<resource_set id='s4' sequential='false' role='Master'><resource_ref id='ms_drbd_1'/>"
            "<resource_ref id='ms_drbd_2'/></resource_set></rsc_colocation>")
    return _cib(_OLD, [
        _drbd("p_drbd_1", "ms_drbd_1", "r1", alike), _drbd("p_drbd_2", "ms_drbd_2", "r2", alike),
        _group("g_iscsi", _address("p_ip", "10.0.0.1"),
               _primitive("p_target", "ocf:heartbeat:iSCSITarget", {"iqn": _IQN, "implementation": "lio-t"}, _EACH_10),
               _unit("p_lu_1", 0, "/dev/drbd/by-res/r1/0"), _unit("p_lu_2", 1, "/dev/drbd/by-res/r2/0"))], sets)


def multipath_on_scst():
    """icicimov, Highly available iSCSI storage with SCST, Pacemaker, DRBD and OCFS2 (2016), part 1: resource by resource.

    Two addresses on two networks, each with its own portblock behind it, and mail.
    """
    def block(name, action, ip):
        return _primitive(name, "ocf:heartbeat:portblock",
                          {"ip": ip, "portno": 3260, "protocol": "tcp", "action": action}, [("monitor", "10s", "10s", "")])
    lan, storage = "192.168.0.180", "10.20.1.180"
    scst_ops = [("monitor", "10s", "120s", "")]
    meta = {"master-max": 1, "master-node-max": 1, "clone-max": 2, "clone-node-max": 1, "resource-stickiness": 100,
            "interleave": "true", "notify": "true", "target-role": "Started"}
    drbd = _primitive("p_drbd_vg1", "ocf:linbit:drbd", {"drbd_resource": "vg1"},
                      [("start", "0", "240", ""), ("promote", "0", "90", ""), ("demote", "0", "90", ""), ("notify", "0", "90", ""),
                       ("stop", "0", "100", ""), ("monitor", "30", "20", "Slave"), ("monitor", "10", "20", "Master")])
    return _cib(_OLD, [
        f"<master id='ms_drbd_vg1'>{_attributes('meta_attributes', 'ms_drbd_vg1', meta)}{drbd}</master>",
        _group("g_vg1",
               _primitive("p_lvm_vg1", "ocf:heartbeat:LVM", {"volgrpname": "vg1"},
                          [("monitor", "60", "30", ""), ("start", "0", "30", ""), ("stop", "0", "30", "")]),
               _primitive("p_target_vg1", "ocf:scst:SCSTTarget",
                          {"iscsi_enable": "true", "iqn": _IQN, "portals": f"{lan} {storage}", "wait_timeout": 60,
                           "additional_parameters": "DefaultTime2Retain=60 DefaultTime2Wait=5"}, scst_ops),
               _primitive("p_lu_vg1_lun1", "ocf:scst:SCSTLun",
                          {"iscsi_enable": "true", "target_iqn": _IQN, "iscsi_lun": 0, "path": "/dev/vg1/lun1",
                           "handler": "vdisk_fileio", "device_name": "VDISK-LUN01", "wait_timeout": 60,
                           "additional_parameters": "nv_cache=1 write_through=0 thin_provisioned=0 threads_num=4"}, scst_ops),
               _address("p_ip_vg1", lan, nic="eth1"), _address("p_ip_vg1_2", storage, nic="eth2"),
               block("p_portblock_vg1", "block", lan), block("p_portblock_vg1_unblock", "unblock", lan),
               block("p_portblock_vg1_2", "block", storage), block("p_portblock_vg1_2_unblock", "unblock", storage),
               _primitive("p_email_admin", "ocf:heartbeat:MailTo", {"email": "root", "subject": "Cluster Failover"}))],
        [_together("c_vg1_on_drbd", "g_vg1", "ms_drbd_vg1", "Master"),
         _after("o_drbd_before_vg1", "ms_drbd_vg1", "g_vg1", "promote"),
         _after("o_lun_before_ip", "p_lu_vg1_lun1", "p_ip_vg1"),
         _after("o_lvm_before_lun", "p_lvm_vg1", "p_lu_vg1_lun1")])


def files_over_nfs():
    """SUSE, Highly available NFS storage with DRBD and Pacemaker (SLE HA 15): resource by resource, fencing by SBD."""
    meta = {"promotable": "true", "promoted-max": 1, "promoted-node-max": 1, "clone-max": 2, "clone-node-max": 1,
            "notify": "true", "interleave": "true"}
    drbd = _primitive("drbd-nfs", "ocf:linbit:drbd", {"drbd_resource": "nfs"},
                      [("monitor", "15", "", "Promoted"), ("monitor", "30", "", "Unpromoted")])

    def mounted(name, device, directory):
        return _primitive(name, "ocf:heartbeat:Filesystem", {"device": device, "directory": directory, "fstype": "ext4"},
                          [("monitor", "20s", "40s", "")])
    return _cib({"stonith-enabled": "true"}, [
        _primitive("stonith-sbd", "stonith:external/sbd", {"pcmk_delay_max": "30s"}),
        f"<clone id='cl-drbd-nfs'>{_attributes('meta_attributes', 'cl-drbd-nfs', meta)}{drbd}</clone>",
        _group("g-nfs",
               mounted("fs-nfs-state", "/dev/drbd0", "/var/lib/nfs"), mounted("fs-nfs-share", "/dev/drbd1", "/srv/nfs/share"),
               _primitive("nfsserver", "ocf:heartbeat:nfsserver", {"nfs_server_scope": "SUSE"}, [("monitor", "10s", "20s", "")]),
               _primitive("exportfs-nfs", "ocf:heartbeat:exportfs",
                          {"directory": "/srv/nfs/share", "options": "rw,mountpoint", "clientspec": "192.168.1.0/24"},
                          [("monitor", "30s", "90s", "")]),
               _primitive("vip-nfs", "ocf:heartbeat:IPaddr2", {"ip": "192.168.1.11"}, [("monitor", "10s", "20s", "")]))],
        [_together("col-nfs-on-drbd", "g-nfs", "cl-drbd-nfs", "Promoted"),
         "<rsc_order id='o-drbd-before-nfs' kind='Mandatory' first='cl-drbd-nfs' first-action='promote' then='g-nfs' "
         "then-action='start'/>"], {"resource-stickiness": 1})


STACKS = {"grouped-on-lvm": grouped_on_lvm, "per-unit-on-tgt": per_unit_on_tgt, "grouped-on-drbd": grouped_on_drbd,
          "multipath-on-scst": multipath_on_scst, "files-over-nfs": files_over_nfs}
