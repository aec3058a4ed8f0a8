// SPDX-License-Identifier: GPL-2.0-or-later
// The lock by which fence handlers of one resource take turns, ours and the shell scripts.
#pragma once

#include <chrono>
#include <string>

#include "base/fd.hpp"

namespace san::cluster {

/// Takes it, and makes its directory if there is none. Nothing when somebody else has it for as
/// long as `patience`, or when it is not in our hands: upstream's directory is below one in which
/// everybody may make others, so whoever was there first could lead us to another file, or have the
/// lock himself whenever he likes.
///
/// Errors  none: a handler goes on without it
Fd take_fence_lock(const std::string& path, std::chrono::seconds patience);

}  // namespace san::cluster
