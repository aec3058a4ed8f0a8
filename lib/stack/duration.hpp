// SPDX-License-Identifier: GPL-2.0-or-later
// Times as they stand in a CIB.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace san::stack {

/// "20", "20s", "500ms", "2min", "1h"; a bare number is seconds. Nothing when it is none of these.
///
/// Source  pcmk__parse_ms() and crm_get_msec() in lib/common/utils.c of Pacemaker
std::optional<std::chrono::milliseconds> duration_of(const std::string& text);

/// "1.5 s", "20 s"
std::string to_text(std::chrono::milliseconds time);

}  // namespace san::stack
