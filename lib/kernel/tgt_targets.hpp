// SPDX-License-Identifier: GPL-2.0-or-later
// tgtd's list of targets, in which initiators write as well.
#pragma once

#include <functional>

#include "kernel/tgt_listing.hpp"

namespace san::tgt {

/// Whether the daemon has a target of that number.
using Has_target = std::function<bool(std::int32_t number)>;

/// Of a question for all targets.
///
/// Names and aliases of initiators stand in it as they came, with line breaks and all (1.0.85), and
/// can look like other sessions, other parts, other targets. So what stands behind the sessions of
/// a target is looked for from its end, where no initiator writes, and whoever begins a target
/// behind somebody's session has to be one that `has_target` knows.
///
/// Source  tgt_target_show_all in usr/target.c, 1.0.85: targets are in the order of their numbers,
///         each with all parts in one order
/// Errors  failed, for what cannot be its answer, and where two of what is there claim one number
std::vector<Target> parse_targets(std::string_view text, const Has_target& has_target);

}  // namespace san::tgt
