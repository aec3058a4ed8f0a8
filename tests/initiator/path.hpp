// SPDX-License-Identifier: GPL-2.0-or-later
// What a unit says of itself and of the path on which it was asked.
#pragma once

#include <iosfwd>

#include "options.hpp"
#include "stop.hpp"

namespace initiator {

/// Prints the NAA name, the target port groups, and what became of a read and of a write.
int show_path(const Options& options, Stop& stop, std::ostream& out);

}  // namespace initiator
