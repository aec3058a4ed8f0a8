// SPDX-License-Identifier: GPL-2.0-or-later
// SCST as one of the target subsystems.
#pragma once

#include <memory>

#include "storage/target_subsystem.hpp"

namespace san {

std::unique_ptr<Target_subsystem> make_scst_subsystem(System& node);

}  // namespace san
