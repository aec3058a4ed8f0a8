// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace san::text {

namespace {
constexpr std::string_view blanks{" \t\r\n\v\f\0", 7};
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    for (std::size_t at = 0; (at = text.find_first_not_of(blanks, at)) != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(blanks, at), text.size());
        found.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return found;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string line;
    for (const auto& part : parts) {
        if (&part != &parts.front()) line += between;
        line += part;
    }
    return line;
}

std::string lower(std::string_view text) {
    std::string result{text};
    for (auto& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool is_true(std::string_view text) {
    constexpr std::array truths{"yes", "true", "1", "YES", "TRUE", "True", "ja", "on", "ON"};
    return std::find(truths.begin(), truths.end(), text) != truths.end();
}

std::string quoted(std::string_view text) {
    std::string result{"\""};
    for (const char c : text) result += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return result + '"';
}

}  // namespace san::text
