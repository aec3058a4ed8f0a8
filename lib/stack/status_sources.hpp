// SPDX-License-Identifier: GPL-2.0-or-later
// Where a status comes from: the cluster, this node, and the other nodes.
#pragma once

#include <string>
#include <vector>

#include "stack/status.hpp"

namespace san::stack {

/// This node's name: the cluster's where Pacemaker runs, else the host's.
std::string own_name(Commands& commands, const Deadline& deadline);

/// Asks the cluster, this node's kernel and, if wanted, the other nodes, those all at once. What
/// does not answer is in the status as such.
Status gather(System& node, bool all_nodes, const Deadline& deadline);

/// The addresses that resources of a configuration are about.
///
/// Shape   a CIB
std::vector<std::string> service_addresses(const std::string& cib);

}  // namespace san::stack
