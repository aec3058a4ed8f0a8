// SPDX-License-Identifier: GPL-2.0-or-later
// Making the volumes of a group usable here, and taking them away.
#pragma once

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "storage/volume_access.hpp"
#include "storage/volume_group.hpp"

namespace san::volume_group {

/// Activates what is wished, with LVM's tools. Also when some of it is active: a start that was
/// killed may have left others out.
///
/// Errors  failed when something could not be activated, or there is nothing to activate
Change activate(System& node, const Wish& wish, const Deadline& deadline);

/// Takes the volumes away: with LVM's tools, and without them when these fail. Waits for whoever
/// has one open until the deadline.
///
/// Errors  failed, naming what is left and who has it
Change deactivate(System& node, const Subject& subject, const Deadline& deadline);

}  // namespace san::volume_group
