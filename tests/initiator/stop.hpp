// SPDX-License-Identifier: GPL-2.0-or-later
// When to end: SIGTERM, SIGINT or the end of the allotted time, as something poll(2) can see.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>

namespace initiator {

using Clock = std::chrono::steady_clock;

/// Thrown by waits that were cut short because the program is to end.
struct Interrupted : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Stop {
public:
    /// Blocks SIGTERM and SIGINT for the whole process: they are read here and nowhere else.
    explicit Stop(std::optional<std::chrono::milliseconds> allotted);
    ~Stop();
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;

    bool requested() const { return Clock::now() >= end_; }

    /// Since when stopping is requested, or when it will be.
    Clock::time_point end() const { return end_; }

    /// Waits for events on a descriptor (none when it is negative) until a point in time or the
    /// end, and returns those that came.
    short wait(int file, short events, Clock::time_point until);

    void wait(Clock::time_point until) { wait(-1, 0, until); }

private:
    int signals_;
    Clock::time_point end_;
};

}  // namespace initiator
