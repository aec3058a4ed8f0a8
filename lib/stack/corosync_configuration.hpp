// SPDX-License-Identifier: GPL-2.0-or-later
// corosync.conf(5), as much of it as decides how a lost node is noticed.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "stack/configuration.hpp"

namespace san::stack {

struct Corosync_node {
    std::string name{};
    std::vector<std::string> addresses{};  ///< of ring0, ring1, ... in this order
};

struct Corosync_configuration {
    std::vector<Corosync_node> nodes{};
    std::vector<std::string> bound_networks{};  ///< bindnetaddr of each interface, of older files
    Values totem{};
    Values quorum{};
    bool has_device = false;  ///< a third party gives quorum: quorum { device { ... } }

    /// Errors  failed when braces do not match
    static Corosync_configuration parse(const std::string& text);

    /// After this time without a token a node counts as lost, and is then agreed upon.
    ///
    /// Source  corosync.conf(5) of 3.1: 3000 ms, and 650 ms more for each node beyond two
    std::chrono::milliseconds token() const;
    bool is_two_node() const;
    /// How many links there are between the nodes.
    std::size_t links() const;
};

}  // namespace san::stack
