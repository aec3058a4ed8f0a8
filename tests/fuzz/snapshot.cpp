// SPDX-License-Identifier: GPL-2.0-or-later
// The snapshot of everything, and the dumps of one kind of object.
#include "fuzz/read_all.hpp"
#include "kernel/drbd_messages.hpp"

namespace san::fuzz {

const Seeds seeds{.files = "sd", .exchanges = {"GET_"}};

void decode(const Input& input) {
    drbd::Snapshot snapshot{input.family()};
    for (const auto& datagram : input.datagrams()) {
        if (snapshot.complete()) break;
        snapshot.take(datagram);
    }
    read_all(snapshot.resources());
}

}  // namespace san::fuzz
