// SPDX-License-Identifier: GPL-2.0-or-later
// Transient attributes of a node, as the cluster's scheduler and crm_mon(8) read them. The
// interface stands here so that System can carry it; the cluster layer implements it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/deadline.hpp"

namespace san {

struct Node_attribute {
    std::string node;  ///< the node's name in the cluster; empty for the one we are on
    std::string name;
    std::optional<std::string> value;  ///< nothing: the attribute goes
    /// How long the cluster waits for further changes before it writes one. It is kept with the
    /// attribute, for all nodes; another one than before makes the cluster write at once. Nothing:
    /// as it is, and none for a new attribute.
    std::optional<std::chrono::seconds> dampening{};
    friend bool operator==(const Node_attribute&, const Node_attribute&) = default;
};

/// What promoting a resource is worth on a node. Without a score the scheduler does not promote,
/// and demotes an instance it has promoted.
///
/// Shape   instance is the resource id as the cluster passes it, without ":N"
/// Source  the name is Pacemaker's interface to its scheduler, unchanged by the new words for roles
inline Node_attribute promotion_score(const std::string& instance, const std::string& node,
                                      std::optional<int> score) {
    return {.node = node,
            .name = "master-" + instance,
            .value = score ? std::optional{std::to_string(*score)} : std::nullopt};
}

class Node_attributes {
public:
    virtual ~Node_attributes() = default;

    /// Sets the attribute, or removes it.
    ///
    /// Errors  failed when the cluster could not be told before the deadline; not_installed when
    ///         there is none of its programs here
    virtual void set(const Node_attribute& attribute, const Deadline& deadline) = 0;
};

}  // namespace san
