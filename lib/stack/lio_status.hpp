// SPDX-License-Identifier: GPL-2.0-or-later
// What LIO serves, and to whom.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/configfs.hpp"
#include "kernel/files.hpp"
#include "stack/node_status.hpp"

namespace san::stack {

std::vector<Target_status> look_at_lio(const Configfs& configfs, const Files& files);

/// Bytes of a block device or a file; 0 when nobody tells.
std::uint64_t size_of(const std::string& device, const Files& files);

}  // namespace san::stack
