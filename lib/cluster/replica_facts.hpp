// SPDX-License-Identifier: GPL-2.0-or-later
// The disks of a DRBD resource, while the kernel waits for a handler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/fence_decision.hpp"
#include "kernel/drbd.hpp"
#include "kernel/files.hpp"

namespace san::cluster {

struct Known_peer {
    unsigned node_id = 0;
    std::string host;
    bool good = false;  ///< all its disks are UpToDate
};

struct Replica_facts {
    Disks disks{};
    bool nine = false;  ///< peers have names
    /// Those with disks; on 8.4, which knows no names, none.
    std::vector<Known_peer> peers{};
};

/// Of DRBD 8.4, from the text of /proc/drbd, with the minors of all volumes.
Replica_facts facts_of_8(std::string_view proc_drbd, const std::vector<unsigned>& minors);
Replica_facts facts_of_9(const std::optional<drbd::Resource>& resource);

/// On 8.4 from /proc/drbd: promotion calls fence-peer from inside a netlink request, with the lock
/// of generic netlink taken (drbd_nl.c, 8.4.11: drbd_adm_set_role), so that a request of ours would
/// wait for ourselves. 9 has let go of it by then. Where no minors are known nobody but a person
/// has called, and netlink is safe. Errors  failed when the kernel gives no answer
Replica_facts observe_replica(const std::string& resource, const std::vector<unsigned>& minors,
                              const Files& files, drbd::Kernel& kernel);

}  // namespace san::cluster
