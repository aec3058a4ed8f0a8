// SPDX-License-Identifier: GPL-2.0-or-later
// A process that does something each time a file has been written, and goes on when the action that
// started it has ended.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/background.hpp"
#include "base/deadline.hpp"

namespace san {

class Watchers {
public:
    using Path = std::filesystem::path;

    struct Watch {
        Path lock;  ///< a file that the process keeps locked: there is one process for each
        Path file;  ///< whose directory exists
        std::function<bool()> goes_on;  ///< false: there is nothing left to watch
        /// Done at the beginning and after each write. False: try again in a while.
        std::function<bool()> work;
    };

    virtual ~Watchers() = default;

    /// Whether a process has the lock.
    virtual bool is_watched(const Path& lock) const = 0;
    /// Starts the process and returns at once. It ends by itself when another one has the lock.
    virtual void start(const Watch& watch) = 0;
    /// Lets the process finish what it does, and waits for its end; one that does not end in time
    /// is killed.
    virtual void end(const Path& lock, const Deadline& deadline) = 0;
};

std::unique_ptr<Watchers> make_watchers(Background& background);

}  // namespace san
