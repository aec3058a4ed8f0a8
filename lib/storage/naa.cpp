// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/naa.hpp"

#include "base/text.hpp"

namespace san {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t length = 32;

}  // namespace

Naa Naa::of(std::string_view serial, std::uint32_t company) {
    std::string digits = "6";
    for (int shift = 20; shift >= 0; shift -= 4) digits += hex_digits[(company >> shift) & 0xF];
    for (const char c : text::lower(serial))
        if (digits.size() < length && hex_digits.find(c) != std::string_view::npos) digits += c;
    digits.resize(length, '0');
    return Naa{std::move(digits)};
}

}  // namespace san
