// SPDX-License-Identifier: GPL-2.0-or-later
// Where devices are mounted.
#include "kernel/mountinfo.hpp"

#include <algorithm>

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "mountinfo", .is_netlink = false};

void decode(const Input& input) {
    const Device_number device{input.chooses(0) ? 253U : 147U, input.chooses(1) ? 1U : 0U};
    const auto places = mountinfo::places_of(device, input.text());
    require(places.size() <= input.bytes.size() / 10, "more mounts than lines");
    for (const auto& place : places)
        require(std::none_of(place.begin(), place.end(),
                             [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
                "a control character for a message");
}

}  // namespace san::fuzz
