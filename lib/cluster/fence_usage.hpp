// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace san::cluster {

inline constexpr auto fence_usage = R"(usage: san-fence-peer [OPTION...]
       san-unfence-peer [OPTION...]

Handlers of DRBD, in place of crm-fence-peer.sh and crm-fence-peer.9.sh, with the
same constraint in the cluster's configuration:
    handlers {
        fence-peer "/usr/sbin/san-fence-peer";
        unfence-peer "/usr/sbin/san-unfence-peer";
    }
san-fence-peer keeps nodes that may lack the latest writes from being promoted;
san-unfence-peer lifts that when all disks are UpToDate. With DRBD 8.4 and 9; the
resource and its peers come from the environment that drbdadm makes.

  -r, --resource NAME           DRBD resource (DRBD_RESOURCE)
  -i, --master-id ID            clone of the resource (looked up by drbd_resource)
  -l, --role ROLE               Master or Promoted, in the constraint (Master)
  -a, --fencing-attribute NAME  node attribute that names who is allowed (#uname)
  -p, --id-prefix PREFIX        of the constraint's ids (drbd-fence-by-handler)
  -t, --timeout SECONDS         how long a peer's state may stay unclear (90): more
                                than Pacemaker takes to fence a node
  -d, --dc-timeout SECONDS      how long to wait for a DC (20)
  -n, --network-hickup SECONDS  how long the link may recover while all peers are
                                reachable (0)
      --unreachable-peer-is-outdated
                                allow promotion with Consistent data although a
                                peer cannot be reached; at a terminal only. This
                                can lose data.
      --suicide-on-failure-if-primary
                                a Primary that cannot fence has itself fenced, or
                                reboots
      --unfence-only-if-owner-match
                                leave a constraint that excludes this node
      --CTS-mode                nodes that were never seen count as reachable
      --flock-timeout SECONDS   how long to wait for an earlier call (120)
      --flock-required          give up if that is still running then
      --lock-dir DIRECTORY      (/var/lock/drbd)
      --lock-file FILE          there, or NONE (fence.RESOURCE)
      --logfacility FACILITY    of syslog (local5)
      --quiet                   nothing on stderr
  -h, --help                    this text

Long options also as --option=value. Others are ignored with a warning. Every wait
ends with the longest of the three timeouts, and the program 15 seconds later.
With CIB_file set, that file is asked and changed instead of the cluster.

Exit status of san-fence-peer, for DRBD:
  4  the constraint is in place, the peers are reachable
  5  a peer cannot be reached. The constraint is in place if our disk is UpToDate
  7  the constraint is in place, the peers have been fenced
  1  the constraint is not in place: another one excludes this node, there is no
     quorum or no DC, all disks are UpToDate again, or the call was wrong
3 and 6 are never given. san-unfence-peer: 0, or 1 when the constraint should be
gone and is not.
)";

}  // namespace san::cluster
