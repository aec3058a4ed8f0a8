// SPDX-License-Identifier: GPL-2.0-or-later
// A logical unit of IET, which knows a unit by its target and number only, and shows its path but
// not its identity. What is there is ours when it has our path. A unit comes with its identity, in
// one request.
#pragma once

#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "storage/logical_unit.hpp"

namespace san::iet_unit {

/// What IET cannot be asked for. Errors: misconfigured
void check(const Logical_unit& wanted);

/// Errors  failed when there is no ietd, no such target, or the number is another unit's;
///         wrong_on_this_node when there is no such path
Change start(const Logical_unit& wanted, System& node, const Deadline& deadline);

/// Removes the unit, and waits until its commands have come back, which is announced nowhere. When
/// that takes long the target's sessions are ended once, so that a command goes whose data will
/// never come.
///
/// Errors  failed at the deadline
Change stop(const Unit_place& place, System& node, const Deadline& deadline);

/// Also of one that was removed and has commands: its device is open as long.
bool exists(const Unit_place& place, System& node, const Deadline& deadline);

/// What differs from what is wanted, of what the module tells: no identity.
std::vector<std::string> faults(const Logical_unit& wanted, System& node, const Deadline& deadline);

}  // namespace san::iet_unit
