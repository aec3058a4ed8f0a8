// SPDX-License-Identifier: GPL-2.0-or-later
// What a mapped device says of itself, by one ioctl without libdevmapper: monitors ask every few
// seconds.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kernel/mapper.hpp"

namespace san {

/// As Mapper::find_status.
std::optional<std::vector<Mapping>> mapped_status(const Device_number& number);

/// Takes the kernel's answer to DM_TABLE_STATUS apart.
/// Errors  failed when it cannot be what the kernel wrote
std::vector<Mapping> decoded_status(std::span<const char> answer);

}  // namespace san
