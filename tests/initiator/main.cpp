// SPDX-License-Identifier: GPL-2.0-or-later
// san-initiator: an iSCSI initiator that remembers what it was promised.
//
// It writes numbered blocks through any number of failovers and afterwards proves that no
// acknowledged one is missing or torn. It shares no code with lib/: it is the peer of what the
// tests examine, not a part of it.

#include <csignal>
#include <iostream>

#include "connection.hpp"
#include "journal.hpp"
#include "options.hpp"
#include "path.hpp"
#include "reservation.hpp"
#include "stall.hpp"
#include "verifier.hpp"
#include "writer.hpp"

namespace {

using namespace initiator;

int run(const Options& options) {
    // --seconds limits a run of the writer; for a login it is patience, not the end.
    Stop stop{options.action == Action::write ? options.seconds : std::nullopt};
    switch (options.action) {
        case Action::write:
            return write_blocks(options, stop, std::cout);
        case Action::verify:
            return verify_blocks(options, stop, std::cout);
        case Action::stall:
            return stall(options, stop, std::cout);
        case Action::login:
            return show_login(options, stop, std::cout);
        case Action::path:
            return show_path(options, stop, std::cout);
        case Action::reservation:
            return act_on_reservation(options, stop, std::cout);
        case Action::help:
            std::cout << usage_text;
            return 0;
    }
    return 2;
}

int complain(const std::string& text, int code) {
    std::cerr << "san-initiator: " << text << "\n";
    return code;
}

}  // namespace

int main(int count, char** words) {
    // libiscsi writes to sockets without MSG_NOSIGNAL; a peer that has gone is an outage to ride
    // out, not the end.
    std::signal(SIGPIPE, SIG_IGN);
    Options options;
    try {
        options = parse_options(count, words);
        return run(options);
    } catch (const Usage_error& error) {
        return complain(std::string{error.what()} + " (see san-initiator help)", 2);
    } catch (const Gave_up& error) {
        const auto what = "no usable logical unit at " + options.peer.portal + ": " + error.what();
        return complain(what, options.action == Action::login ? 1 : 2);
    } catch (const Interrupted&) {
        return complain("interrupted", options.action == Action::login ? 1 : 2);
    } catch (const std::exception& error) {
        return complain(error.what(), 2);
    }
}
