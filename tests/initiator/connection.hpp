// SPDX-License-Identifier: GPL-2.0-or-later
// The retry policy: one session after the other, until what was asked for has been done.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "session.hpp"

namespace initiator {

/// Patience ran out; the text is the last reason.
struct Gave_up : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Connection {
public:
    using Listener = std::function<void(const std::string& why)>;

    /// Without patience it goes on for ever. The listener hears of every failed attempt.
    Connection(Peer peer, Stop& stop, std::optional<std::chrono::milliseconds> patience,
               Listener on_loss)
        : peer_(std::move(peer)), stop_(stop), patience_(patience), on_loss_(std::move(on_loss)) {}

    /// Performs an action on a session, as often and on as many sessions as it takes.
    ///
    /// Errors  Interrupted when a stop came first, Gave_up when an outage outlasts the patience
    void insist(const std::function<void(Session&)>& action);

    /// Stays logged in until a point in time; a loss meanwhile is repaired by the next insist().
    void idle(Clock::time_point until);

    /// Logins after the first.
    std::uint64_t reconnects() const { return logins_ == 0 ? 0 : logins_ - 1; }

private:
    void lose(const Session_lost& loss);

    Peer peer_;
    Stop& stop_;
    std::optional<std::chrono::milliseconds> patience_;
    Listener on_loss_;
    std::unique_ptr<Session> session_;
    std::uint64_t logins_ = 0;
};

}  // namespace initiator
