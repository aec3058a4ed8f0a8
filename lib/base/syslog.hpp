// SPDX-License-Identifier: GPL-2.0-or-later
// The log's levels and people's words, in the numbers of syslog(3).
#pragma once

#include <optional>
#include <string_view>

#include "base/log.hpp"

namespace san::log {

int priority(Level level);
/// "WARNING", as the shell agents' library writes it.
const char* word(Level level);
/// The facility of that name, such as "daemon" or "local5"; nothing when there is none.
std::optional<int> facility(std::string_view name);

}  // namespace san::log
