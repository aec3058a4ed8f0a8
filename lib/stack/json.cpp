// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/json.hpp"

namespace san::stack {

std::string json(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result{"\""};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            result += {'\\', c};
        else if (byte < 0x20)
            result += std::string{"\\u00"} + digits[byte >> 4] + digits[byte & 15];
        else
            result += c;
    }
    return result + '"';
}

}  // namespace san::stack
