// SPDX-License-Identifier: GPL-2.0-or-later
// What an initiator meets at a target of this node: a login through its portals, by a name that it
// admits.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "kernel/configfs.hpp"
#include "kernel/initiator.hpp"
#include "kernel/system.hpp"
#include "storage/chap.hpp"
#include "storage/names.hpp"
#include "storage/target.hpp"

namespace san::login_check {

/// The name that is used where the target admits everybody.
inline constexpr auto own_name = "iqn.2026-11.invalid.san-agents:monitor";

struct Unit {
    Lun_number lun;
    Scsi_serial serial;
};

/// As whom to log in, and with which secrets.
struct Guest {
    std::string name;
    std::optional<Login::Credentials> incoming{};
    std::optional<Login::Credentials> outgoing{};
};

Login::Credentials credentials_of(const Chap_account& account);

/// Somebody whom the target shall admit: the first of its list, or anybody. Nothing of one whose
/// list has networks only, of which nobody but the subsystem knows who is in them.
std::optional<Guest> guest_of(const Target& wanted);

/// What an initiator has to know of a target.
struct Door {
    Iscsi_name target;
    std::vector<Portal> portals;
    Guest guest;
};

/// The door of a target of the kernel's, for somebody who is shown the unit. Names, credentials and
/// portals are those in the kernel. Nothing when the target admits nobody, or shows the unit to
/// nobody.
std::optional<Door> door_of_lio(const Iscsi_name& target, const std::optional<Unit>& unit,
                                const Configfs& configfs);

/// Logs in at every portal of the target that can be reached; of a unit at one of them, and asks
/// for its serial number. The door is looked for by a child that may be abandoned; where there is
/// none nothing is asked.
///
/// What cannot be reached is passed over: a portal whose address is not on this node, since
/// whoever has it would be asked; a port that a packet filter closes, as portblock does.
///
/// Errors  failed when a login fails, or the unit is not the one that is meant; at the deadline
void check(const std::function<std::optional<Door>()>& find_door, const std::optional<Unit>& unit,
           System& node, const Deadline& deadline);

}  // namespace san::login_check
