// SPDX-License-Identifier: GPL-2.0-or-later
// What is done to targets and units of SCST's on a node. Whatever can wait for a device or for the
// daemon is done by a child that may be abandoned; its next sight of the tree decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "storage/scst_unit.hpp"
#include "storage/target.hpp"

namespace san::scst_actions {

Change start(const Target& wanted, System& node, const Deadline& deadline);
Change reload(const Target& wanted, System& node, const Deadline& deadline);
Change stop(const Target_place& place, System& node, const Deadline& deadline);
std::vector<std::string> faults(const Target& wanted, System& node, const Deadline& deadline);
void log_in(const Target& wanted, System& node, const Deadline& deadline);

Change start(const Scst_unit& wanted, System& node, const Deadline& deadline);
/// What finds a unit to remove; of its target sessions are ended that keep it waiting.
struct Place {
    std::string device;
    std::optional<Backing_path> path{};
    std::optional<Iscsi_name> target{};
};
Change stop(const Place& place, System& node, const Deadline& deadline);
bool exists(const Place& place, System& node, const Deadline& deadline);
std::vector<std::string> faults(const Scst_unit& wanted, System& node, const Deadline& deadline);
/// Logs in as somebody who is shown the unit, and asks for its serial number.
void log_in(const Iscsi_name& target, const Lun_number& lun, const Scsi_serial& serial,
            System& node, const Deadline& deadline);

}  // namespace san::scst_actions
