// SPDX-License-Identifier: GPL-2.0-or-later
// An iSCSI target of SCST's. It is enabled last and disabled first. What changes something belongs
// into a child that may be abandoned: a command waits for as long as the daemon, or a device, does
// not answer.
#pragma once

#include <string>
#include <vector>

#include "base/change.hpp"
#include "storage/scst_conversation.hpp"
#include "storage/target.hpp"

namespace san::scst_target {

std::string subject(const Iscsi_name& iqn);

/// What SCST cannot be asked for. Errors: misconfigured
void check(const Target& wanted);

bool exists(const Iscsi_name& iqn, const Scst_tree& tree);

/// Makes and completes it; the sessions of those who stay admitted go on.
Change build(const Target& wanted, const Scst_conversation& talk);

/// Closes its sessions, waits until they have ended, and removes it. Devices of its units stay.
/// With the last target of the node the account of discovery goes.
Change remove(const Target_place& place, const Scst_conversation& talk);

/// What keeps initiators from logging in as wanted, and who can and shall not.
std::vector<std::string> faults(const Target& wanted, const Scst_conversation& talk);

}  // namespace san::scst_target
