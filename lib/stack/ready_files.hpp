// SPDX-License-Identifier: GPL-2.0-or-later
// Files of corosync and DRBD for a storage cluster, as the documents recommend them and san-check
// finds nothing in them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "stack/corosync_configuration.hpp"

namespace san::stack {

struct Ready_resource {
    std::string name{};
    std::string disk{};  ///< below DRBD, the same on all nodes
    unsigned minor = 0;
    unsigned port = 7788;
};

struct Ready_wish {
    std::string cluster{"san"};
    std::vector<Corosync_node> nodes{};  ///< each with an address on every link
    std::chrono::milliseconds token{3000};
    bool is_drbd_9 = true;
    std::string mail{"root"};
    std::size_t replication = 0;  ///< the link that DRBD uses
    std::vector<Ready_resource> resources{};
};

struct Ready_file {
    std::string path{};  ///< below /etc
    std::string content{};
};

/// "alice=10.1.0.1,10.2.0.1"
///
/// Errors  misconfigured
Corosync_node node_of(const std::string& text);
/// "r0=/dev/sdb1"; minors and ports follow from how many there were before.
Ready_resource resource_of(const std::string& text, std::size_t before);

/// Errors  misconfigured when nodes have too few addresses, or two on one network
std::vector<Ready_file> ready_files(const Ready_wish& wish);

}  // namespace san::stack
