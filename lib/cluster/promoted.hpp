// SPDX-License-Identifier: GPL-2.0-or-later
// Where the cluster believes a resource to be promoted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"

namespace san::cluster {

/// Names of nodes; nothing when the cluster cannot be asked.
///
/// Source  crm_resource(8), whose output in XML has a schema (Pacemaker 2.1 and later)
std::optional<std::vector<std::string>> promoted_nodes(const std::string& resource,
                                                       Commands& commands,
                                                       const Deadline& deadline);

}  // namespace san::cluster
