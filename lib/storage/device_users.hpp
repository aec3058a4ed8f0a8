// SPDX-License-Identifier: GPL-2.0-or-later
// Who has block devices open, and when they let go of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/fd.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"

namespace san::device_users {

struct Device {
    std::string name;  ///< as the kernel calls it, below /dev and /sys/block
    Device_number number;
};

/// "vg_san-lun1, /srv, dd (process 533)": devices on top, mounts and programs, as far as they can
/// be seen from here. Looks at every open file of the node: for reasons of failures.
std::string users(const std::vector<Device>& devices, const Files& files);

/// "backstore iblock_7/lun1": what LIO has made of them. May hang, as everything that lists what is
/// in configfs, while something there is being removed.
std::vector<std::string> backstores(const std::vector<Device>& devices, const Files& files,
                                    const Configfs& configfs);

/// Waits for users to leave.
class Departures {
public:
    Departures(std::vector<Device> devices, const Files& files);

    /// Returns when a program has closed one of them, something on top of one is gone, `changed`
    /// says so, or, because not every user can be seen from here, after a second.
    void wait(const Deadline& deadline, const std::function<bool()>& changed);

private:
    std::string on_top() const;

    std::vector<Device> devices_;
    const Files* files_;
    Fd closings_;  ///< none when the node has no inotify left: then it is tried every second
    std::string on_top_;
    int soon_ = 0;  ///< how often to try again at once
};

}  // namespace san::device_users
