// SPDX-License-Identifier: GPL-2.0-or-later
// JSON, written.
#pragma once

#include <string>
#include <string_view>

namespace san::stack {

/// A text as JSON has it, in quotation marks.
///
/// Source  RFC 8259, 7: quotation mark, backslash and control characters are escaped
std::string json(std::string_view text);

}  // namespace san::stack
