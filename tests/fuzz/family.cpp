// SPDX-License-Identifier: GPL-2.0-or-later
// The answer about the family itself.
#include "fuzz/fuzz.hpp"
#include "kernel/drbd_family.hpp"

namespace san::fuzz {

const Seeds seeds{.files = "s", .exchanges = {"GETFAMILY"}};

void decode(const Input& input) {
    for (const auto& datagram : input.datagrams()) {
        drbd::each_message(datagram,
                           [](const drbd::Message& message) { drbd::says_unloaded(message); });
        const auto family = drbd::family_in(datagram);
        if (!family) continue;
        require(family->version == 1 || family->version == 2, "a version that is not spoken");
        require(family->id >= NLMSG_MIN_TYPE, "a family with a number of netlink's own");
    }
}

}  // namespace san::fuzz
