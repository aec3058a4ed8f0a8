// SPDX-License-Identifier: GPL-2.0-or-later
// Work that goes on after the action has ended.
#pragma once

#include <functional>
#include <optional>

namespace san {

class Background {
public:
    using Work = std::function<void()>;

    virtual ~Background() = default;

    /// Starts `work` and returns at once. Nobody hears of its failures unless it logs them.
    ///
    /// Shape   `kept`, if any, is the one descriptor of the caller's that the work has too
    /// Errors  failed when there is no process to be had
    virtual void run(const Work& work, std::optional<int> kept) = 0;
    void run(const Work& work) { run(work, {}); }
};

/// In a process that belongs to nobody: the cluster waits for whoever holds the action's stdout and
/// stderr, and a caller may hold a lock by a descriptor that we know nothing of.
class Detached final : public Background {
public:
    using Background::run;
    void run(const Work& work, std::optional<int> kept) override;
};

}  // namespace san
