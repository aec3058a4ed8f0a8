// SPDX-License-Identifier: GPL-2.0-or-later
// How long the writer had to wait: the gaps between acknowledgements beyond its own pacing.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace initiator {

struct Interruption {
    std::chrono::milliseconds at;      // since start: the acknowledgement before the gap
    std::chrono::milliseconds length;  // without the pacing interval

    bool operator==(const Interruption&) const = default;
};

class Interruptions {
public:
    using milliseconds = std::chrono::milliseconds;

    explicit Interruptions(milliseconds interval) : interval_(interval) {}

    /// Takes in one acknowledgement and returns the wait before it. The first one ends no
    /// interruption: before it there was nothing to interrupt.
    milliseconds acknowledged(milliseconds at) {
        const auto length = last_ ? close_gap(*last_, at) : milliseconds{0};
        last_ = at;
        return length;
    }

    /// The end of the run: a gap that is still open counts, and so does a run without any
    /// acknowledgement.
    void finish(milliseconds at) { close_gap(last_.value_or(milliseconds{0}), at); }

    milliseconds longest() const { return longest_; }

    /// Those of a second and more, in order.
    const std::vector<Interruption>& noticed() const { return noticed_; }

private:
    milliseconds close_gap(milliseconds from, milliseconds to) {
        const auto length = std::max(to - from - interval_, milliseconds{0});
        longest_ = std::max(longest_, length);
        if (length >= std::chrono::seconds{1}) noticed_.push_back({from, length});
        return length;
    }

    milliseconds interval_;
    std::optional<milliseconds> last_;
    milliseconds longest_{0};
    std::vector<Interruption> noticed_;
};

}  // namespace initiator
