// SPDX-License-Identifier: GPL-2.0-or-later
// What an initiator meets at a target of this node: a login through its portals, by a name that it
// admits.
#pragma once

#include <optional>
#include <string>

#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "storage/names.hpp"

namespace san::login_check {

/// The name that is used where the target admits everybody.
inline constexpr auto own_name = "iqn.2026-11.invalid.san-agents:monitor";

struct Unit {
    Lun_number lun;
    Scsi_serial serial;
};

/// Logs in at every portal of the target that can be reached; of a unit at one of them, and asks
/// for its serial number. Names, credentials and portals are those in the kernel.
///
/// What cannot be reached is passed over: a portal whose address is not on this node, since
/// whoever has it would be asked; a port that a packet filter closes, as portblock does. So is a
/// target that admits nobody, and a unit that is shown to nobody.
///
/// Errors  failed when a login fails, or the unit is not the one that is meant; at the deadline
void check(const Iscsi_name& target, const std::optional<Unit>& unit, System& node,
           const Deadline& deadline);

}  // namespace san::login_check
