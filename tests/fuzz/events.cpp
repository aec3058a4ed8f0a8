// SPDX-License-Identifier: GPL-2.0-or-later
// Notifications, with and without the snapshot that comes before them.
#include "fuzz/read_all.hpp"
#include "kernel/drbd_events.hpp"

namespace san::fuzz {

const Seeds seeds{.files = "se", .exchanges = {"GET_INITIAL_STATE", ""}};

void decode(const Input& input) {
    drbd::Event_stream stream{input.family()};
    // A stream that has ended its snapshot applies what comes; one that has not collects it.
    constexpr int begun = 8;
    if ((input.choice & begun) == 0) {
        drbd::Datagram done{20, 0, 0, 0, NLMSG_DONE};
        done.resize(20);
        stream.take(done);
        require(stream.ready(), "a snapshot without an end");
    }
    for (const auto& datagram : input.datagrams()) {
        if (stream.lost()) break;
        stream.take(datagram);
    }
    read_all(stream.resources());
    for (const auto& call : stream.helper_calls())
        require(!call.exit_code || (*call.exit_code >= 0 && *call.exit_code < 256),
                "an exit code that is none");
    require(!stream.unloaded() || stream.resources().empty(), "resources without a module");
}

}  // namespace san::fuzz
