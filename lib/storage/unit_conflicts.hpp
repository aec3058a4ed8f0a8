// SPDX-License-Identifier: GPL-2.0-or-later
// What a logical unit on LIO must not share with another one.
#pragma once

#include "storage/logical_unit.hpp"

namespace san::logical_unit {

/// Errors  failed when there is no such target or the LUN is another unit's; misconfigured when the
///         unit has a list and the target admits everybody
void refuse_conflicts(const Logical_unit& wanted, const Place& place);

/// An initiator takes two units of one NAA name for two paths to one disk, and writes through both.
///
/// Errors  misconfigured when the unit's name is that of another backstore
void refuse_twin(const Logical_unit& wanted, const Configfs& configfs);

}  // namespace san::logical_unit
