// SPDX-License-Identifier: GPL-2.0-or-later
// Work that can block in the kernel for ever, given a deadline.
//
// Removing a LUN waits in the kernel until its commands have come back, without a timeout. The
// work is therefore done by a child that is abandoned when time is up; the next action finds
// whatever it has or has not done in the kernel, as after any kill.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"

namespace san {

/// The work was given up at the deadline. Its process ends when the kernel lets go of it.
class Abandoned final : public Error {
public:
    Abandoned(pid_t process, std::string step)
        : Error{Kind::failed, "time is up while waiting for " + step},
          process_{process},
          step_{std::move(step)} {}
    pid_t process() const { return process_; }
    const std::string& step() const { return step_; }

private:
    pid_t process_;
    std::string step_;
};

class Bounded {
public:
    /// Called by the work before each step that may block, with words for "waited for ...".
    using Progress = std::function<void(std::string_view step)>;
    using Work = std::function<Change(const Progress&)>;

    /// What is tried when one step takes long.
    struct Nudge {
        std::chrono::milliseconds after{};
        std::function<void()> act{};  ///< in the process that waits; what it throws is a warning
    };

    virtual ~Bounded() = default;

    /// Runs `work`, which must touch nothing but the kernel: what it changes in memory is lost.
    /// What it logs is logged.
    ///
    /// Errors  what the work throws; Abandoned with the name of the last step at the deadline
    virtual Change run(const Deadline& deadline, const Work& work, const Nudge& nudge) = 0;
    Change run(const Deadline& deadline, const Work& work) { return run(deadline, work, {}); }
};

class Forked final : public Bounded {
public:
    using Bounded::run;
    Change run(const Deadline& deadline, const Work& work, const Nudge& nudge) override;
};

}  // namespace san
