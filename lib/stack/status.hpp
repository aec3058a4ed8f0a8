// SPDX-License-Identifier: GPL-2.0-or-later
// The whole stack on all nodes at one moment, and what is to be said about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stack/cluster_picture.hpp"
#include "stack/node_status.hpp"

namespace san::stack {

/// A node of the cluster: what it says of itself, or why it was not asked.
struct Node_report {
    std::string name{};
    std::optional<Node_status> status{};
    std::string not_asked{};
};

struct Status {
    /// Nothing where Pacemaker does not answer, with the reason; without one it was not asked.
    std::optional<Cluster_picture> cluster{};
    std::string no_cluster{};
    std::vector<Node_report> nodes{};
    /// Addresses that resources of the cluster are about: of a node's others nothing is said.
    std::vector<std::string> service_addresses{};
};

enum class Health { whole = 0, degraded = 1, failed = 2 };

struct Assessment {
    Health health = Health::whole;
    std::string sentence{};               ///< the first line
    std::vector<std::string> failed{};    ///< what does not serve
    std::vector<std::string> blocking{};  ///< what keeps the cluster from acting
    std::vector<std::string> degraded{};  ///< what somebody should look at although all serves
};

Assessment assess(const Status& status);

struct Paper {
    bool coloured = false;
    std::size_t width = 0;  ///< longer lines are cut; 0 is without bound
};

/// The screen, with a line break after each line.
std::string render(const Status& status, const Paper& paper);

/// One object; what --local prints has "nodes" with one node and no "cluster".
std::string to_json(const Status& status);
/// Of another node: what its --local printed. Errors: failed when it is something else
Node_status node_from_json(const std::string& text);

/// "1.5 GiB"; three digits at most.
std::string bytes_text(std::uint64_t bytes);
/// "2 h 5 min", "40 s".
std::string span_text(std::uint64_t seconds);

}  // namespace san::stack
