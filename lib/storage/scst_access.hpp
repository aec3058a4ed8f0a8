// SPDX-License-Identifier: GPL-2.0-or-later
// Which initiators a target of SCST's shows its LUNs to. An initiator sees the LUNs of the group
// that names it, or else those of the target itself; one that would see none cannot log in.
//
// Everybody is admitted by LUNs of the target itself. A list is the group "allowed", as the shell
// agent calls it, which has the LUNs then, and the target itself has none.
#pragma once

#include <string>
#include <vector>

#include "storage/scst_conversation.hpp"
#include "storage/target.hpp"

namespace san::scst_access {

Scst_conversation::Path target_directory(const Iscsi_name& iqn);

/// The LUNs of the target itself, and those of each of its groups.
std::vector<Scst_conversation::Path> lun_sets(const Iscsi_name& iqn, const Scst_conversation& talk);
/// Where a unit of the target belongs.
Scst_conversation::Path lun_set(const Iscsi_name& iqn, const Scst_conversation& talk);

/// The device of a LUN. Nothing when there is no such LUN.
std::optional<std::string> find_device(const Scst_conversation::Path& lun,
                                       const Scst_conversation& talk);
Change add_lun(const Scst_conversation::Path& set, const std::string& number,
               const std::string& device, const Scst_conversation& talk);
/// Waits until the commands of the LUN have come back.
Change remove_lun(const Scst_conversation::Path& set, const std::string& number,
                  const Scst_conversation& talk);

/// Shows the LUNs to whom the target shall admit. Sessions of those who stay go on, those of others
/// are closed.
Change admit(const Target& wanted, const Scst_conversation& talk);

/// Who is not admitted and shall be, and the other way round.
std::vector<std::string> faults(const Target& wanted, const Scst_conversation& talk);

}  // namespace san::scst_access
