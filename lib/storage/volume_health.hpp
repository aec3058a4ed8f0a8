// SPDX-License-Identifier: GPL-2.0-or-later
// The health of a group's active volumes, as the kernel tells it without any I/O.
#pragma once

#include <string>
#include <vector>

#include "kernel/files.hpp"
#include "kernel/mapper.hpp"
#include "storage/volume_group.hpp"

namespace san::volume_group {

/// What is no fault.
struct Tolerated {
    bool missing_parts = false;  ///< the group was activated in part
    /// A snapshot that has no room left is lost; its origin, which users work with, is not.
    bool lost_snapshots = true;
};

/// What is wrong with them, one sentence each; empty when all can do I/O: each has a table that is
/// not suspended, no part of it is missing, and the devices below are there and answer. A raid or
/// mirror may have lost as many of its parts as it can do without.
///
/// Shape   `members` are all of the group, `whose` those that are judged, and what they lie on
/// Source  lvm2 maps what it cannot find to the "error" target when a group is activated in part;
///         Documentation/admin-guide/device-mapper, 6.1, for what each target says of itself
std::vector<std::string> faults(const Members& members, const Members& whose, const Files& files,
                                Mapper& mapper, const Tolerated& tolerated);

}  // namespace san::volume_group
