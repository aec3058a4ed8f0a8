// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/text_mutator.hpp"

#include <algorithm>
#include <array>

namespace san::fuzz {

namespace {

constexpr std::size_t largest_input = 4096;

// What ends a value, a line, a name or a number somewhere, and numbers at the edges.
constexpr std::array<std::string_view, 40> words{"\n",
                                                 "\n\n",
                                                 " ",
                                                 "    ",
                                                 "\t",
                                                 ":",
                                                 ": ",
                                                 ",",
                                                 ";",
                                                 "=",
                                                 "\"",
                                                 "'",
                                                 "{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 "<",
                                                 "/>",
                                                 "</",
                                                 "<!--",
                                                 "&",
                                                 "&#0;",
                                                 "%s",
                                                 "..",
                                                 "/",
                                                 "-",
                                                 "--",
                                                 "0",
                                                 "-1",
                                                 "00",
                                                 "0x",
                                                 "255",
                                                 "1e99",
                                                 "1e3",
                                                 "65536",
                                                 "2147483647",
                                                 "4294967296",
                                                 "18446744073709551615",
                                                 "99999999999999999999",
                                                 "\x1b[2J"};

struct Span {
    std::size_t at = 0, size = 0;
};

Span part_of(std::string_view text, Dice& dice) {
    if (text.empty()) return {};
    const auto at = dice.below(text.size());
    const auto longest = dice.below(3) == 0 ? text.size() : std::size_t{24};
    return {at, std::min(text.size() - at, 1 + dice.below(longest))};
}

/// A line with its end, or, where marks are what divides it, what is between two of them.
Span line_of(std::string_view text, Dice& dice) {
    if (text.empty()) return {};
    const char mark = text.find('\n') == std::string_view::npos || dice.below(4) == 0 ? '<' : '\n';
    const auto inside = dice.below(text.size());
    const auto before = inside == 0 ? std::string_view::npos : text.rfind(mark, inside - 1);
    const auto at = before == std::string_view::npos ? 0 : before + (mark == '\n' ? 1 : 0);
    const auto next = text.find(mark, at + (mark == '\n' ? 0 : 1));
    const auto end = next == std::string_view::npos ? text.size() : next + (mark == '\n' ? 1 : 0);
    return {at, end - at};
}

/// The digits at or behind a place.
Span number_of(std::string_view text, Dice& dice) {
    constexpr std::string_view digits{"0123456789"};
    const auto at = text.find_first_of(digits, dice.below(text.size()));
    if (at == std::string_view::npos) return {};
    const auto end = std::min(text.find_first_not_of(digits, at), text.size());
    return {at, end - at};
}

void change(std::string& text, std::string_view other, Dice& dice) {
    const auto at = dice.below(text.size() + 1);
    switch (dice.below(12)) {
        case 0:
            if (at < text.size()) text[at] = static_cast<char>(dice.below(256));
            return;
        case 1:
            if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
            return;
        case 2: {
            const auto part = part_of(text, dice);
            text.erase(part.at, part.size);
            return;
        }
        case 3: {
            const auto part = part_of(text, dice);
            text.insert(at, text.substr(part.at, part.size));
            return;
        }
        case 4:
        case 5:
            text.insert(at, words[dice.below(words.size())]);
            return;
        case 6: {
            const auto line = line_of(text, dice);
            text.erase(line.at, line.size);
            return;
        }
        case 7: {  // a line twice, or elsewhere
            const auto line = line_of(text, dice);
            const auto copy = text.substr(line.at, line.size);
            if (dice.below(2) == 0) text.erase(line.at, line.size);
            text.insert(line_of(text, dice).at, copy);
            return;
        }
        case 8: {
            const auto line = line_of(other, dice);
            text.insert(line_of(text, dice).at, other.substr(line.at, line.size));
            return;
        }
        case 9: {
            const auto part = part_of(other, dice);
            text.insert(at, other.substr(part.at, part.size));
            return;
        }
        case 10: {
            const auto number = number_of(text, dice);
            if (number.size > 0)
                text.replace(number.at, number.size, words[27 + dice.below(words.size() - 27)]);
            return;
        }
        default:  // the end is missing, or there is much more
            if (dice.below(4) != 0)
                text.resize(at);
            else
                text.insert(at, dice.below(600), static_cast<char>(dice.below(256)));
    }
}

}  // namespace

Input changed_text(const Input& input, const Input& other, Dice& dice) {
    std::string text{input.text()};
    for (auto times = 1 + dice.below(4); times > 0; --times) change(text, other.text(), dice);
    text.resize(std::min(text.size(), largest_input));
    Input result{.choice = input.choice, .bytes = {text.begin(), text.end()}};
    if (dice.below(8) == 0) result.choice ^= static_cast<std::uint8_t>(1U << dice.below(4));
    return result;
}

}  // namespace san::fuzz
