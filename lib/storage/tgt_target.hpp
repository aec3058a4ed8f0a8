// SPDX-License-Identifier: GPL-2.0-or-later
// An iSCSI target of tgtd: its number, whom it admits, where the daemon listens.
//
// A new target admits nobody, and the access list is filled last, so that nobody meets an
// incomplete one. Portals and accounts are the daemon's, and all its targets have them together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/tgt.hpp"
#include "storage/target.hpp"

namespace san::tgt_target {

/// What the daemon knows the target by, unless it is given: from 1 to 2^24, the same on every node,
/// because initiators read it in the names of units (VPD page 0x83).
std::int32_t default_number(const Iscsi_name& iqn);

/// What tgtd cannot be asked for.
///
/// Errors  misconfigured
void check(const Target& wanted);

/// Sessions of those who stay admitted go on.
///
/// Errors  failed when there is no daemon; wrong_on_this_node when the number is another target's
Change start(const Target& wanted, tgt::Daemon& daemon, const Deadline& deadline);

/// As start, of a target that is there; the connections of initiators that are admitted no more
/// are ended.
Change reload(const Target& wanted, tgt::Daemon& daemon, const Deadline& deadline);

/// Ends its sessions and removes it with its units, as soon as their commands have come back. That
/// is asked for again and again, because the daemon announces nothing. After its last target the
/// daemon no longer listens at those of the portals that are a single address, nor asks who it is
/// of whoever looks for targets.
///
/// Errors  failed at the deadline, with the unit that is in use
Change stop(const Target_place& place, tgt::Daemon& daemon, const Deadline& deadline);

bool exists(const Iscsi_name& iqn, tgt::Daemon& daemon, const Deadline& deadline);

/// What keeps initiators from logging in as wanted, and who can and shall not. The daemon shows no
/// password.
std::vector<std::string> faults(const Target& wanted, tgt::Daemon& daemon,
                                const Deadline& deadline);

}  // namespace san::tgt_target
