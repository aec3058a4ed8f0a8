// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mountinfo.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace san::mountinfo {

namespace {

/// The kernel writes blank, tab, newline and backslash as three octal digits (mangle, 6.1), and
/// other control characters as they are.
std::string shown(std::string_view text) {
    constexpr std::size_t digits = 3;
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto number = text[at] == '\\' && at + digits < text.size()
                                ? text::number<std::uint8_t>(text.substr(at + 1, digits), 8)
                                : std::nullopt;
        const auto letter = number ? *number : static_cast<std::uint8_t>(text[at]);
        plain += letter < 0x20 || letter == 0x7f ? '?' : static_cast<char>(letter);
        if (number) at += digits;
    }
    return plain;
}

}  // namespace

std::vector<std::string> places_of(const Device_number& device, std::string_view mounts) {
    const auto wanted = device.to_text();
    std::vector<std::string> places;
    for (std::size_t begin = 0; begin < mounts.size();) {
        const auto end = std::min(mounts.find('\n', begin), mounts.size());
        // "36 35 147:0 / /srv rw ...".
        const auto words = text::words(mounts.substr(begin, end - begin));
        if (words.size() > 4 && words[2] == wanted) places.push_back(shown(words[4]));
        begin = end + 1;
    }
    return places;
}

}  // namespace san::mountinfo
