// SPDX-License-Identifier: GPL-2.0-or-later
// What a monitor finds. Broken is not a state: a monitor that finds half a resource throws an
// Error that says which half is missing.
#pragma once

namespace san::ocf {

enum class State { stopped, running, promoted };

}  // namespace san::ocf
