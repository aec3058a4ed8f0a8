// SPDX-License-Identifier: GPL-2.0-or-later
// An iSCSI target of IET: its number, its accounts, whom ietd lets in.
//
// Its line lets nobody in until the target is complete, and while accounts change: a target without
// one asks for none. ietd listens where its own options say, for all its targets.
#pragma once

#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "storage/target.hpp"

namespace san::iet_target {

/// What IET cannot be asked for. Errors: misconfigured
void check(const Target& wanted);

/// Sessions of those who stay admitted go on.
///
/// Errors  not_installed when the module is not loaded, or accounts are wanted of a version whose
///         ietd cannot be told of them but on a command line; wrong_on_this_node when the number is
///         another target's; failed when there is no ietd, or it listens elsewhere
Change start(const Target& wanted, System& node, const Deadline& deadline);

/// As start, of a target that is there; the connections of initiators that are admitted no more are
/// ended.
Change reload(const Target& wanted, System& node, const Deadline& deadline);

/// Lets nobody in, ends its sessions and removes it with its units, as soon as the sessions are
/// gone. That is asked for again and again, because nothing announces it.
///
/// Errors  failed at the deadline, with the initiator whose session does not end
Change stop(const Target_place& place, System& node, const Deadline& deadline);

bool exists(const Iscsi_name& iqn, System& node, const Deadline& deadline);

/// What keeps initiators from logging in as wanted, and who can and shall not. Login parameters are
/// not looked at: only ietadm tells them.
std::vector<std::string> faults(const Target& wanted, System& node, const Deadline& deadline);

}  // namespace san::iet_target
