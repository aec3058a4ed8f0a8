// SPDX-License-Identifier: GPL-2.0-or-later
// The CHAP accounts of a target of IET, which go with the target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "storage/iet_conversation.hpp"
#include "storage/target.hpp"

namespace san::iet_accounts {

/// What is wrong with the accounts of both sides, passwords included. Nothing of a version whose
/// ietd cannot be asked: it has none of ours.
std::vector<std::string> faults(const Target& wanted, std::uint32_t number,
                                const Iet_conversation& talk);

/// Those that are wanted, and no others. Meanwhile there may be none, and the target then asks
/// nobody for one: its door has to be closed.
Change set(const Target& wanted, std::uint32_t number, const Iet_conversation& talk);

}  // namespace san::iet_accounts
