// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection.hpp"

namespace initiator {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_interval = 250ms;

}  // namespace

void Connection::insist(const std::function<void(Session&)>& action) {
    const auto limit = patience_ ? Clock::now() + *patience_ : Clock::time_point::max();
    for (;;) {
        try {
            if (!session_) {
                session_ = std::make_unique<Session>(peer_, stop_);
                ++logins_;
            }
            action(*session_);
            return;
        } catch (const Session_lost& loss) {
            lose(loss);
            if (Clock::now() >= limit) throw Gave_up(loss.what());
        }
        stop_.wait(Clock::now() + retry_interval);
        if (stop_.requested()) throw Interrupted("stopped during an outage");
    }
}

void Connection::idle(Clock::time_point until) {
    try {
        if (session_) session_->idle(until);
    } catch (const Session_lost& loss) {
        lose(loss);
    }
    while (!stop_.requested() && Clock::now() < until) stop_.wait(until);
}

void Connection::lose(const Session_lost& loss) {
    session_.reset();
    on_loss_(loss.what());
}

}  // namespace initiator
