// SPDX-License-Identifier: GPL-2.0-or-later
// Work that can block in the kernel for ever, given a deadline.
//
// Removing a LUN waits in the kernel until its commands have come back, without a timeout. The
// work is therefore done by a child that is abandoned when time is up; the next action finds
// whatever it has or has not done in the kernel, as after any kill.
#pragma once

#include <functional>
#include <string_view>

#include "base/change.hpp"
#include "base/deadline.hpp"

namespace san {

class Bounded {
public:
    /// Called by the work before each step that may block, with words for "waited for ...".
    using Progress = std::function<void(std::string_view step)>;
    using Work = std::function<Change(const Progress&)>;

    virtual ~Bounded() = default;

    /// Runs `work`, which must touch nothing but the kernel: what it changes in memory is lost.
    ///
    /// Errors  what the work throws; failed with the name of the last step at the deadline
    virtual Change run(const Deadline& deadline, const Work& work) = 0;
};

class Forked final : public Bounded {
public:
    Change run(const Deadline& deadline, const Work& work) override;
};

}  // namespace san
