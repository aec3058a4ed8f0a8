// SPDX-License-Identifier: GPL-2.0-or-later
// Which resources of a configuration change their provider.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stack/cib_copy.hpp"

namespace san::stack {

enum class Direction { to_san, back };

struct Selection {
    Direction direction = Direction::to_san;
    /// Ids of resources and templates, or of groups and clones around them. Empty: all.
    std::set<std::string> only{};
    std::set<std::string> except{};
};

/// One element whose provider changes: a primitive, or a template of primitives.
struct Provider_change {
    std::string id{};
    std::string type{};
    std::string from{};
    std::string to{};
    std::vector<std::string> primitives{};  ///< itself, or those that are made by the template
    std::set<std::string> tops{};           ///< the outermost elements around those

    /// "p_lvm: ocf:heartbeat:LVM -> ocf:san:LVM"
    std::string to_text() const;
};

/// The provider that an agent has at the end; nothing when it is none of ours, or has it already.
std::optional<std::string> provider_after(const std::string& provider, const std::string& type,
                                          Direction direction);

/// Shape   in the order of the configuration
/// Errors  misconfigured when an id of the selection is nowhere
std::vector<Provider_change> choose(const Cib_copy& cib, const Selection& selection);

}  // namespace san::stack
