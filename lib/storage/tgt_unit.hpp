// SPDX-License-Identifier: GPL-2.0-or-later
// A logical unit of tgtd, which knows a unit by its target and number only. What is there is ours
// when it has our path or our serial number.
//
// The daemon shows a unit from the moment it is made, and takes its identity in the next request:
// for that moment initiators that are logged in could read another one. So a unit belongs before
// the service address, or behind a closed port.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/files.hpp"
#include "kernel/tgt.hpp"
#include "storage/logical_unit.hpp"

namespace san::tgt_unit {

/// What tgtd cannot be asked for. Errors: misconfigured
void check(const Logical_unit& wanted);

/// Errors  failed when there is no daemon, no such target, or the number is another unit's;
///         wrong_on_this_node when the daemon cannot open the path
Change start(const Logical_unit& wanted, tgt::Daemon& daemon, const Files& files,
             const Deadline& deadline);

/// Removes the unit as soon as its commands have come back, which the daemon announces nowhere.
///
/// Errors  failed at the deadline
Change stop(const Unit_place& place, tgt::Daemon& daemon, const Deadline& deadline);

bool exists(const Unit_place& place, tgt::Daemon& daemon, const Deadline& deadline);

/// What differs from what is wanted, of what the daemon tells: neither vendor nor mode pages.
std::vector<std::string> faults(const Logical_unit& wanted, tgt::Daemon& daemon,
                                const Deadline& deadline);

}  // namespace san::tgt_unit
