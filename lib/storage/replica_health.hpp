// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a replica, and how badly.
#pragma once

#include <string>
#include <vector>

#include "kernel/drbd.hpp"

namespace san::replica {

/// "its I/O is suspended: no quorum"; empty when it is not.
std::string suspension(const drbd::Resource& resource);

/// Why the resource is not usable although it is there; empty when it is.
std::vector<std::string> faults(const drbd::Resource& resource);

/// What somebody should look at although the resource serves: a replica that is missing, behind or
/// apart, I/O that waits. Empty when every node that has the data has it all and is connected.
std::vector<std::string> troubles(const drbd::Resource& resource);

}  // namespace san::replica
