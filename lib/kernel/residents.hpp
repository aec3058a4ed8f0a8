// SPDX-License-Identifier: GPL-2.0-or-later
// A process that goes on working when the action that started it has ended.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <signal.h>

#include "base/background.hpp"
#include "base/deadline.hpp"

namespace san {

class Residents {
public:
    using Path = std::filesystem::path;

    virtual ~Residents() = default;

    /// Whether a process has the lock.
    virtual bool is_there(const Path& lock) const = 0;
    /// Does `work` in a process of its own, which keeps the lock as long as it lives. Returns when
    /// it has the lock, or when another one has it; then none is left that would take it later.
    ///
    /// Shape   the directory of the lock exists
    /// Errors  failed when no process has the lock by the deadline, or the lock cannot be taken
    virtual void start(const Path& lock, const std::function<void()>& work,
                       const Deadline& deadline) = 0;
    /// Ends the process, at once unless it is Uninterrupted, and waits for its end. One that does
    /// not end in time is killed.
    virtual void end(const Path& lock, const Deadline& deadline) = 0;
};

std::unique_ptr<Residents> make_residents(Background& background);

/// While one lives, the process is not ended in the middle of something.
class Uninterrupted {
public:
    Uninterrupted() {
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGTERM);
        ::sigprocmask(SIG_BLOCK, &set, &before_);
    }
    Uninterrupted(const Uninterrupted&) = delete;
    Uninterrupted& operator=(const Uninterrupted&) = delete;
    ~Uninterrupted() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}  // namespace san
