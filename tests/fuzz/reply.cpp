// SPDX-License-Identifier: GPL-2.0-or-later
// The answer to a request.
#include "fuzz/fuzz.hpp"
#include "kernel/drbd_messages.hpp"

namespace san::fuzz {

const Seeds seeds{.files = "rd", .exchanges = {}};

void decode(const Input& input) {
    drbd::Reply reply{input.family()};
    for (const auto& datagram : input.datagrams()) {
        if (reply.complete()) break;
        reply.take(datagram);
    }
    const auto answer = reply.answer();
    require(answer.ok() || !answer.text.empty(), "a refusal without a word");
}

}  // namespace san::fuzz
