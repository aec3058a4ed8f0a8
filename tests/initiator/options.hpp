// SPDX-License-Identifier: GPL-2.0-or-later
// The command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "session.hpp"

namespace initiator {

/// The text names the option, its value and what was expected.
struct Usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Action { write, verify, login, path, stall, reservation, help };

struct Options {
    Action action = Action::help;
    Peer peer;
    std::string log;
    std::uint64_t blocks = 0;
    double rate = 0;  // blocks per second
    std::optional<std::chrono::milliseconds> seconds;
    std::chrono::milliseconds connect_seconds{60'000};
    bool progress = false;
    bool fua = true;
    std::string verb;  // of Action::reservation
    std::uint64_t key = 0;
    std::uint64_t new_key = 0;
    bool aptpl = false;
};

/// Parses the command line and resolves the host, once: a service address keeps its address when
/// it moves, and a resolver's own timeouts have no place in an outage.
Options parse_options(int count, char** words);

extern const char* const usage_text;

}  // namespace initiator
