// SPDX-License-Identifier: GPL-2.0-or-later
// The dumps that tell how a resource is configured.
#include "fuzz/fuzz.hpp"
#include "kernel/drbd_messages.hpp"

namespace san::fuzz {

const Seeds seeds{.files = "sd", .exchanges = {"GET_"}};

void decode(const Input& input) {
    drbd::Settings_dump dump{input.family(), "vg1"};
    for (const auto& datagram : input.datagrams()) {
        if (dump.complete()) dump.begin();
        dump.take(datagram);
    }
    if (const auto settings = dump.settings())
        for (const auto& [volume, device] : settings->backing)
            require(device.find('\0') == std::string::npos, "a device with a NUL in its name");
}

}  // namespace san::fuzz
