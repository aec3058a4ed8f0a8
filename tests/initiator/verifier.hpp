// SPDX-License-Identifier: GPL-2.0-or-later
// Reads back what a log says was acknowledged, and says who answers.
#pragma once

#include <iosfwd>

#include "options.hpp"

namespace initiator {

/// Prints the result on `out` and returns the exit code: 0 when something was acknowledged and
/// nothing of it is lost or torn, else 1.
///
/// Errors  Gave_up when the target stays away for longer than --connect-seconds
int verify_blocks(const Options& options, Stop& stop, std::ostream& out);

/// Logs in and prints who answered. Without --seconds one attempt.
int show_login(const Options& options, Stop& stop, std::ostream& out);

}  // namespace initiator
