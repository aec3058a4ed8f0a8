// SPDX-License-Identifier: GPL-2.0-or-later
// Where the facts come from: the cluster, this node, the other nodes; or files that somebody names.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "stack/check_report.hpp"
#include "stack/facts.hpp"

namespace san::stack {

struct Wanted_sources {
    // With one of these four nothing is looked at but what is named.
    std::string cib{};                 ///< a file in place of the running cluster's
    std::string drbd{};                ///< a file with what drbdadm dump-xml prints
    std::string corosync{};            ///< a corosync.conf
    std::string lvm{};                 ///< an lvm.conf, taken for that of every node
    std::vector<std::string> facts{};  ///< files with what --facts printed on nodes

    std::vector<std::string> nodes{};  ///< to be asked; empty: all of the cluster
    bool local = false;                ///< no other node is asked
    std::filesystem::path root{"/"};
    std::filesystem::path ocf_root{"/usr/lib/ocf"};
    std::optional<std::chrono::seconds> failover{};

    bool are_files() const {
        return !cib.empty() || !drbd.empty() || !corosync.empty() || !lvm.empty() || !facts.empty();
    }
};

struct Gathered_facts {
    Facts facts{};
    std::vector<Source> sources{};
};

/// Errors  failed when a file that was named cannot be read. What else cannot is a gap in the facts
Gathered_facts gather(const Wanted_sources& wanted, const std::string& host, Commands& commands);

}  // namespace san::stack
