// SPDX-License-Identifier: GPL-2.0-or-later
// Who has a replica's volumes open, and when they let go of them.
#pragma once

#include <functional>
#include <string>

#include "base/deadline.hpp"
#include "base/fd.hpp"
#include "kernel/drbd.hpp"
#include "kernel/files.hpp"

namespace san::replica {

/// "vg_san-lun1, /srv, dd (process 533)": devices on top, mounts and programs, as far as they can
/// be seen from here. Looks at every open file of the node: for reasons of failures.
std::string users(const drbd::Resource& resource, const Files& files);

/// Waits for users to leave. The kernel of 8.4 says nothing when a volume is closed, and each
/// demotion that is tried in vain is three lines in its log.
class Departures {
public:
    Departures(const drbd::Resource& resource, const Files& files);

    /// Returns when a program has closed a volume, something on top of it is gone, `changed` says
    /// so, or, because not every user can be seen from here, after a second.
    void wait(const Deadline& deadline, const std::function<bool()>& changed);

private:
    std::string on_top() const;

    drbd::Resource resource_;
    const Files* files_;
    Fd closings_;  ///< none when the node has no inotify left: then it is tried every second
    std::string on_top_;
    int soon_ = 0;  ///< how often to try again at once
};

}  // namespace san::replica
