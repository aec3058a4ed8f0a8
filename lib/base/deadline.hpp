// SPDX-License-Identifier: GPL-2.0-or-later
// The moment by which an action must have answered.
#pragma once

#include <chrono>

namespace san {

class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    static Deadline in(std::chrono::milliseconds span) { return Deadline{Clock::now() + span}; }

    /// Time left, never negative.
    std::chrono::milliseconds left() const {
        const auto span =
            std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
        return span.count() > 0 ? span : std::chrono::milliseconds{0};
    }
    bool expired() const { return left().count() == 0; }

    /// The earlier of this deadline and one in `span` from now.
    Deadline within(std::chrono::milliseconds span) const {
        const auto other = in(span);
        return other.end_ < end_ ? other : *this;
    }

    /// This deadline moved forward, to keep time for what follows.
    Deadline before(std::chrono::milliseconds span) const { return Deadline{end_ - span}; }

private:
    explicit Deadline(Clock::time_point end) : end_{end} {}
    Clock::time_point end_;
};

}  // namespace san
