// SPDX-License-Identifier: GPL-2.0-or-later
// The accounts of tgtd's targets and of its discovery. They belong to the daemon: targets, and
// discovery, are bound to them by the user's name. It shows no password.
#pragma once

#include <string>
#include <vector>

#include "base/change.hpp"
#include "storage/target.hpp"
#include "storage/tgt_conversation.hpp"

namespace san::tgt_accounts {

/// Binds the target to the accounts that are wanted and to no other.
Change set(const Target& wanted, const tgt::Target& found, const Tgt_conversation& talk);

/// One account of discovery for all targets of the daemon.
///
/// Errors  wrong_on_this_node when other targets have another one
Change set_discovery(const Target& wanted, const Tgt_conversation& talk);

/// Those that no target and no discovery is bound to any more.
Change remove(const std::vector<std::string>& users, const Tgt_conversation& talk);

Change remove_discovery(const std::string& user, const Tgt_conversation& talk);

std::vector<std::string> faults(const Target& wanted, const tgt::Target& found,
                                const Tgt_conversation& talk);

}  // namespace san::tgt_accounts
