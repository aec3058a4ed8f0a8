// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's own promotion score, which drbdsetup(8) computes for its events.
#pragma once

#include <string>

#include "kernel/drbd.hpp"

namespace san {

/// Pure. How much a node's access to the data is worth: 10000 when it has all disks, 100 for each
/// that is UpToDate, and 1 for each UpToDate copy of the volume that has the fewest. 0: not to be
/// used here, because there is no volume, no quorum, no UpToDate copy, or all I/O fails.
///
/// Not the agent's score (replica::judge), which follows adjust_master_score.
///
/// Source  drbd-utils 9.3x, compute_promotion_info() of events2; see its tests
///         events2-promotion-score-*
int promotion_score(const drbd::Resource& resource);

/// "role:Secondary disk:UpToDate,UpToDate bob:Connected,UpToDate": what led to a score.
std::string summary(const drbd::Resource& resource);

}  // namespace san
