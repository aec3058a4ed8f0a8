// SPDX-License-Identifier: GPL-2.0-or-later
// The answers of device-mapper's ioctls, taken apart: bytes in, values out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernel/mapper.hpp"

namespace san::dm {

/// The names in an answer to DM_LIST_DEVICES.
/// Errors  of all of these: failed when it cannot be what the kernel wrote
std::vector<std::string> names(std::span<const char> answer);

/// The lines in an answer to DM_TABLE_STATUS.
std::vector<Mapping> lines(std::span<const char> answer);

/// The devices in an answer to DM_TABLE_DEPS.
std::vector<Device_number> below(std::span<const char> answer);

/// What the head of every answer says of a device: all but table and what is below.
Mapped_device device(std::span<const char> answer);

/// The wide encoding of include/linux/kdev_t.h, huge_encode_dev.
std::uint64_t encoded(const Device_number& number);

}  // namespace san::dm
