// SPDX-License-Identifier: GPL-2.0-or-later
// An initiator whose way to the target is cut in the middle of a write.
#pragma once

#include <iosfwd>

#include "options.hpp"
#include "stop.hpp"

namespace initiator {

/// Says so when half a write is sent, and keeps the connection open until a stop.
int stall(const Options& options, Stop& stop, std::ostream& out);

}  // namespace initiator
