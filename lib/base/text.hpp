// SPDX-License-Identifier: GPL-2.0-or-later
// Small work on strings that the standard library leaves to us.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace san::text {

/// Without white space, newline and NUL at both ends: what configfs and sysfs put around values.
std::string_view trimmed(std::string_view text);

/// The words between blanks; never an empty one.
std::vector<std::string> words(std::string_view text);

std::string joined(const std::vector<std::string>& parts, std::string_view between);

/// ASCII only: names of targets and initiators are compared this way.
std::string lower(std::string_view text);

/// The spellings that the shell agents' library takes for true; everything else is false, as there.
bool is_true(std::string_view text);

/// The whole text as a number in base 10 (or another), or nothing.
template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

/// In quotation marks, control characters shown as '?': for messages about values.
std::string quoted(std::string_view text);

}  // namespace san::text
