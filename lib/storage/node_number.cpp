// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/node_number.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

Node_number Node_number::parse(std::string_view text) {
    const Error expected{Kind::misconfigured,
                         "expected a number from 1 to 65535, or one for each node: alice:1 bob:2"};
    const auto number = [&](std::string_view digits) {
        const auto value = text::number<std::uint16_t>(digits);
        if (value.value_or(0) == 0) throw expected;
        return *value;
    };
    Node_number read;
    if (text.find(':') == std::string_view::npos) {
        read.everywhere_ = number(text);
        return read;
    }
    for (const auto& word : text::words(text)) {
        const auto sign = word.find(':');
        if (sign == std::string::npos || sign == 0) throw expected;
        const auto value = number(std::string_view{word}.substr(sign + 1));
        const bool taken = std::any_of(read.by_node_.begin(), read.by_node_.end(),
                                       [&](const auto& other) { return other.second == value; });
        if (taken || !read.by_node_.emplace(word.substr(0, sign), value).second)
            throw Error{Kind::misconfigured, "expected another number for every node"};
    }
    return read;
}

std::optional<std::uint16_t> Node_number::on(const std::string& node) const {
    if (everywhere_) return everywhere_;
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) return {};
    return found->second;
}

}  // namespace san
