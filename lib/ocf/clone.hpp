// SPDX-License-Identifier: GPL-2.0-or-later
// The promotable clone that an agent's resource is made of, by the meta attributes that the cluster
// passes. Pacemaker renamed "master" to "promoted"; 3.0 still passes both.
#pragma once

#include <optional>

#include "ocf/environment.hpp"

namespace san::ocf {

class Clone {
public:
    explicit Clone(const Environment& environment) : environment_{&environment} {}

    /// How many nodes may be promoted at a time.
    int promoted_max() const;
    /// How many instances there are; nothing when the cluster does not say.
    std::optional<int> instances() const;
    /// Whether its instances hear of each other's actions.
    bool is_notified() const;

    /// Errors  misconfigured when a node may have, or promote, more than one instance
    void check_one_per_node() const;
    /// The first node in a list of the cluster, of those that are about to run or run an instance,
    /// that is not this one; empty when there is none.
    std::string other_node(const std::string& here) const;
    /// The first node that is promoted now, not this one and not about to stop; empty when none is.
    std::string promoted_elsewhere(const std::string& here) const;

private:
    std::optional<int> number(const std::string& current, const std::string& legacy) const;
    const Environment* environment_;
};

}  // namespace san::ocf
