// SPDX-License-Identifier: GPL-2.0-or-later
// Whom a fence request is about, in the cluster's names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/cib_document.hpp"
#include "cluster/fence_request.hpp"

namespace san::cluster {

struct Fence_nodes {
    std::string own;
    Constraint wanted;  ///< allows every node that is known to have good data
    /// Those that shall not be promoted; nothing for one of whom nobody knows who it is.
    std::vector<std::optional<std::string>> excluded{};
};

/// `own` is this node's name in the cluster.
/// Errors  misconfigured when DRBD says that our own data is not good
Fence_nodes fence_nodes(const Fence_request& request, const Cib_document& cib,
                        const std::string& own, const std::string& clone);

/// How a rule names a node: by the attribute that was asked for, or, where the node has none, by
/// its name.
Allowed rule_name(const Cib_document& cib, const std::string& node, const std::string& attribute);

/// Whether a node may be promoted, as far as this constraint goes.
bool allows_node(const Cib_document& cib, const Constraint& constraint, const std::string& node);

/// Without the nodes that shall not be promoted; never with more than there were.
Constraint stricter(const Cib_document& cib, Constraint constraint,
                    const std::vector<std::optional<std::string>>& excluded);
/// With those, and whatever there was.
Constraint wider(Constraint constraint, const std::vector<Allowed>& more);

}  // namespace san::cluster
