// SPDX-License-Identifier: GPL-2.0-or-later
// Where tgtd listens: at the same addresses for all its targets.
#pragma once

#include <string>
#include <vector>

#include "base/change.hpp"
#include "storage/names.hpp"
#include "storage/tgt_conversation.hpp"

namespace san::tgt_portals {

/// Errors  failed where the daemon cannot
Change listen(const std::vector<Portal>& portals, const Tgt_conversation& talk);

/// Those of a single address only: what listen has added, which other targets may need.
Change leave(const std::vector<Portal>& portals, const Tgt_conversation& talk);

std::vector<std::string> faults(const std::vector<Portal>& portals, const Tgt_conversation& talk);

}  // namespace san::tgt_portals
