// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_users.hpp"

namespace san::replica {

std::vector<device_users::Device> devices(const drbd::Resource& resource) {
    // drivers/block/drbd: DRBD's block devices have the major number LANANA gave it.
    constexpr unsigned block_major = 147;
    std::vector<device_users::Device> found;
    for (const auto& volume : resource.volumes)
        found.push_back({"drbd" + std::to_string(volume.minor), {block_major, volume.minor}});
    return found;
}

}  // namespace san::replica
