// SPDX-License-Identifier: GPL-2.0-or-later
// Work that goes on after the action has ended.
#pragma once

#include <functional>

namespace san {

class Background {
public:
    virtual ~Background() = default;

    /// Starts `work` and returns at once. Nobody hears of its failures unless it logs them.
    ///
    /// Errors  failed when there is no process to be had
    virtual void run(const std::function<void()>& work) = 0;
};

/// In a process that belongs to nobody: the cluster waits for whoever holds the action's stdout and
/// stderr, and a caller may hold a lock by a descriptor that we know nothing of.
class Detached final : public Background {
public:
    void run(const std::function<void()>& work) override;
};

}  // namespace san
