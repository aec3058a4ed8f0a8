"""What each stack is given. The same values go to the script, the template and the commands for pcs."""

ADMINISTRATION = {"node1": "alice", "bmc1": "192.0.2.21", "node2": "bob", "bmc2": "192.0.2.22", "fence_user": "fencing",
                  "fence_password_script": "/etc/pacemaker/fence-password"}
_IQN = {"iqn": "iqn.2026-01.org.example:san"}
_GROUP = {"drbd_resource": "r0", "volgrpname": "vg_san"}
_UNIT = {"path": "/dev/vg_san/lun1", "lun": "1"}
_FILES = {"device": "/dev/vg_san/data", "directory": "/srv/data", "fstype": "xfs"}
_GUESTS = {"allowed_initiators": "iqn.2026-01.com.example:a iqn.2026-01.com.example:b"}

STACKS = {
    "san-iscsi": {**_GROUP, **_IQN, **_UNIT, **_GUESTS, "ip": "192.0.2.10", "cidr_netmask": "24", "nic": "eth2"},
    "san-iscsi-per-lun": {**_IQN, "lun": "1", "drbd_resource": "r0", "path": "/dev/drbd/by-res/r0/0", "ip": "192.0.2.10"},
    "san-iscsi-grouped": {**_IQN, "drbd_resource1": "r0", "drbd_resource2": "r1", "path1": "/dev/drbd/by-res/r0/0",
                          "path2": "/dev/drbd/by-res/r1/0", "ip1": "192.0.2.10", "ip2": "192.0.2.11", "cidr_netmask": "24"},
    "san-iscsi-multipath": {**_GROUP, **_IQN, **_UNIT, "ip1": "192.0.2.10", "ip2": "198.51.100.10", "nic1": "eth2",
                            "nic2": "eth3", "implementation": "lio-t", "email": "storage@example.org"},
    "san-volume": {**_GROUP, **_FILES},
    "san-nfs": {**_GROUP, **_FILES, "clientspec": "192.0.2.0/24", "options": "rw", "ip": "192.0.2.10", "nic": "eth2"},
}

# What is added to a stack that is there.
ADDITIONS = {
    "san-iscsi-lun": ("san-iscsi-per-lun",
                      {**_IQN, "lun": "2", "drbd_resource": "r1", "path": "/dev/drbd/by-res/r1/0", "ip": "192.0.2.11"}),
}
