// SPDX-License-Identifier: GPL-2.0-or-later
// Where devices are mounted, as /proc/self/mountinfo says; proc(5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/files.hpp"

namespace san::mountinfo {

/// The mount points of a device, for messages: control characters are shown as '?'.
std::vector<std::string> places_of(const Device_number& device, std::string_view mounts);

}  // namespace san::mountinfo
