// SPDX-License-Identifier: GPL-2.0-or-later
// The health of a block device as the kernel tells it without any I/O, so that nobody who asks can
// hang. What only a read would show is not seen here.
#pragma once

#include <string>
#include <vector>

#include "kernel/files.hpp"
#include "kernel/mapper.hpp"

namespace san::device_state {

/// Mapped devices, this one or any below it, that are suspended: whatever is read or written waits
/// until somebody resumes them. "vg_san-lun1 is suspended"
///
/// Source  dm/suspended in sysfs, Linux 2.6.31
std::vector<std::string> suspended(const Device_number& number, const Files& files);

/// Whether a device has requests that it has not answered, or would have if it were not suspended.
///
/// Source  inflight in sysfs, the reads and writes (Documentation/block/stat.rst, 6.1)
bool is_busy(const Device_number& number, const Files& files);

/// Whether a line of a mapped device's status says that every read or write fails.
bool has_given_up(const Mapping& status);

/// What is suspended, and what makes reads and writes fail: tables of errors, targets that have
/// given up, disks that the kernel has taken offline. Looked for as far down as each device lies on
/// a single other one; above a mirror a failed half is no failure.
std::vector<std::string> faults(const Device_number& number, const Files& files, Mapper& mapper);

}  // namespace san::device_state
