// SPDX-License-Identifier: GPL-2.0-or-later
// What has to run before SCST can be told anything: its modules, and the daemon that does the
// logins of its iSCSI driver.
#pragma once

#include <string>

#include "base/deadline.hpp"
#include "kernel/system.hpp"

namespace san::scst_driver {

/// Whether targets can be made: without its daemon the driver has none.
bool is_open(const System& node);

/// Loads the iSCSI driver, and starts the daemon, where they are missing. Nothing that is there is
/// changed.
///
/// Errors  not_installed; failed when the daemon does not come up
void start(System& node, const Deadline& deadline);

/// Loads the handler of devices, and makes the directory without which no device can be made.
///
/// Source  /var/lib/scst/pr, where SCST keeps persistent reservations (3.11-pre)
/// Errors  not_installed
void load_handler(const std::string& handler, System& node, const Deadline& deadline);

}  // namespace san::scst_driver
