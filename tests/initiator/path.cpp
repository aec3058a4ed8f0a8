// SPDX-License-Identifier: GPL-2.0-or-later
#include "path.hpp"

#include <ostream>

#include "json.hpp"
#include "port_groups.hpp"
#include "session.hpp"

namespace initiator {
namespace {

// A command that is refused does not end the session, although everybody else treats it so.
std::string outcome(const std::function<void()>& command) {
    try {
        command();
        return "good";
    } catch (const Session_lost& refused) {
        return refused.what();
    }
}

}  // namespace

int show_path(const Options& options, Stop& stop, std::ostream& out) {
    auto peer = options.peer;
    peer.expects_ready = false;
    try {
        Session session{peer, stop};
        const auto groups = parse_port_groups(session.target_port_groups());
        const auto naa = session.naa();
        Block block{};
        const auto read = outcome([&] { block = session.read(0); });
        // What was read, so that nothing changes.
        const auto written = outcome([&] { session.write_plainly(0, block); });
        out << "{\"naa\": " << json_text(naa) << ", \"groups\": " << port_groups_json(groups)
            << ", \"read\": " << json_text(read) << ", \"write\": " << json_text(written) << "}\n";
    } catch (const Session_lost& lost) {
        throw std::runtime_error(lost.what());
    }
    return 0;
}

}  // namespace initiator
