// SPDX-License-Identifier: GPL-2.0-or-later
// What a monitor finds. Broken is not a state: a monitor that finds half a resource throws an
// Error that says which half is missing.
#pragma once

namespace san::ocf {

/// Degraded: it serves as it should, and somebody should look at it. The cluster goes on as with
/// the healthy state, and shows it (Pacemaker, since feature set 3.0.10).
enum class State { stopped, running, promoted, degraded, degraded_promoted };

}  // namespace san::ocf
