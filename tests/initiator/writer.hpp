// SPDX-License-Identifier: GPL-2.0-or-later
// Writes numbered blocks until told to stop, through every outage in between.
#pragma once

#include <iosfwd>

#include "options.hpp"

namespace initiator {

/// Prints the report on `out` and returns the exit code: 0, or 1 when nothing was acknowledged.
int write_blocks(const Options& options, Stop& stop, std::ostream& out);

}  // namespace initiator
