// SPDX-License-Identifier: GPL-2.0-or-later
// A replica's volumes as block devices: who has them open, device_users tells.
#pragma once

#include <vector>

#include "kernel/drbd.hpp"
#include "storage/device_users.hpp"

namespace san::replica {

std::vector<device_users::Device> devices(const drbd::Resource& resource);

}  // namespace san::replica
