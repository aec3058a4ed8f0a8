// SPDX-License-Identifier: GPL-2.0-or-later
// What a change of providers leaves in the cluster's configuration while it is under way, so that
// whoever finds it half done, on any node, can finish it or take it back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stack/cib_copy.hpp"
#include "stack/cluster_picture.hpp"
#include "stack/provider_change.hpp"

namespace san::stack {

/// Providers by the id of a primitive or template.
using Providers = std::map<std::string, std::string>;

struct Migration_mark {
    Direction direction = Direction::to_san;
    Providers before{};
    Providers after{};
    std::vector<std::string> tops{};           ///< what has to be probed anew
    Places places{};                           ///< where everything was
    std::optional<std::string> maintenance{};  ///< the cluster's maintenance-mode before

    /// The set of cluster properties that it is kept as. Pacemaker has no use for their names.
    static constexpr auto set = "san-migrate";

    static Migration_mark make(const std::vector<Provider_change>& changes, Direction direction,
                               const Cib_copy& cib, const Cluster_picture& picture);
    /// Nothing when no change is under way. Errors: failed when it is not one that we have written
    static std::optional<Migration_mark> find(const Cib_copy& cib);

    /// Writes itself, and maintenance mode with it: the two are one change.
    void place(Cib_copy& cib) const;
    /// Takes both back.
    void remove(Cib_copy& cib) const;
};

}  // namespace san::stack
