// SPDX-License-Identifier: GPL-2.0-or-later
// The state of a DRBD resource as lines for people.
#pragma once

#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "kernel/drbd.hpp"
#include "kernel/system.hpp"

namespace san::replica_picture {

/// Pure. Roles, disks, connections, one line each.
std::string of(const drbd::Resource& resource);

/// Pure. The lines of /proc/drbd about these minors, or about all when none is named.
///
/// Source  drbd_proc.c of 8.4: a line "N: cs:..." for each minor, and lines of counters below it
std::string of_proc(const std::string& proc, const std::vector<std::string>& minors);

/// Never throws: what cannot be read is said. On 8.4 it is the text in /proc, because netlink
/// requests wait for the lock under which the kernel may have called the handler; on 9 it is asked
/// by netlink, in a child that is given up at the deadline.
std::string take(const std::string& resource, const std::vector<std::string>& minors, System& node,
                 const Deadline& deadline);

}  // namespace san::replica_picture
