// SPDX-License-Identifier: GPL-2.0-or-later
// Lines of tgtd's lists, told apart by indentation. For the sources that read them alone.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::tgt {

struct Line {
    std::size_t depth = 0;  ///< in steps of four blanks
    std::string_view text{};
};

inline Error unreadable(std::string_view line) {
    return Error{Kind::failed, "tgtd's list has " + text::quoted(line) + ": expected another line"};
}

inline void each_line(std::string_view text, const std::function<void(const Line&)>& take) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto first = line.find_first_not_of(' ');
        if (first != std::string_view::npos) take({first / 4, line.substr(first)});
    }
}

/// What stands behind a label, if the line begins with it.
inline std::optional<std::string_view> after(std::string_view line, std::string_view label) {
    if (!line.starts_with(label)) return {};
    return line.substr(label.size());
}

}  // namespace san::tgt
