// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/duration.hpp"

#include "base/text.hpp"

namespace san::stack {

std::optional<std::chrono::milliseconds> duration_of(const std::string& text) {
    const std::string word{text::trimmed(text)};
    const auto end = std::min(word.find_first_not_of("0123456789"), word.size());
    const auto number = text::number<long long>(word.substr(0, end));
    const auto unit = text::lower(text::trimmed(std::string_view{word}.substr(end)));
    constexpr long long year = 366LL * 24 * 3600;
    if (!number || *number > year) return {};
    if (unit.empty() || unit == "s" || unit == "sec") return std::chrono::seconds{*number};
    if (unit == "ms" || unit == "msec") return std::chrono::milliseconds{*number};
    if (unit == "us" || unit == "usec") return std::chrono::milliseconds{*number / 1000};
    if (unit == "m" || unit == "min") return std::chrono::minutes{*number};
    if (unit == "h" || unit == "hr") return std::chrono::hours{*number};
    return {};
}

std::string to_text(std::chrono::milliseconds time) {
    auto text = std::to_string(time.count() / 1000);
    if (const auto rest = time.count() % 1000; rest != 0) {
        auto digits = std::to_string(1000 + rest).substr(1);
        while (digits.back() == '0') digits.pop_back();
        text += "." + digits;
    }
    return text + " s";
}

}  // namespace san::stack
