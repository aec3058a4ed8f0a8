// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/mutator.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <linux/netlink.h>

namespace san::fuzz {

namespace {

using drbd::Datagram;

constexpr std::size_t largest_input = 3072;

std::size_t aligned(std::size_t size) { return (size + 3) / 4 * 4; }

/// A message or an attribute, where it lies.
struct Node {
    std::size_t at = 0, size = 0;  ///< size with the padding
    int parent = -1;               ///< -1 for messages
};

template <class Number>
Number read(const Datagram& bytes, std::size_t at) {
    Number number{};
    if (at + sizeof number <= bytes.size()) std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

template <class Number>
void write(Datagram& bytes, std::size_t at, Number number) {
    if (at + sizeof number <= bytes.size()) std::memcpy(bytes.data() + at, &number, sizeof number);
}

/// Attributes from `at` to `end`, and those inside where the content looks like attributes.
void find_attributes(const Datagram& bytes, std::size_t at, std::size_t end, int parent,
                     std::vector<Node>& nodes, int depth) {
    while (at + 4 <= end) {
        const std::size_t length = read<std::uint16_t>(bytes, at);
        if (length < 4 || at + length > end) return;
        const auto size = std::min(aligned(length), end - at);
        nodes.push_back({at, size, parent});
        const std::size_t first = read<std::uint16_t>(bytes, at + 4);
        if (length >= 8 && first >= 4 && first <= length - 4 && depth < 4)
            find_attributes(bytes, at + 4, at + length, static_cast<int>(nodes.size()) - 1, nodes,
                            depth + 1);
        at += size;
    }
}

std::size_t headers_of(const Datagram& bytes, std::size_t at) {
    const auto type = read<std::uint16_t>(bytes, at + 4);
    if (const auto own = seeds.headers.find(type); own != seeds.headers.end())
        return NLMSG_HDRLEN + own->second;
    return type == Input::family_id ? 28 : type < NLMSG_MIN_TYPE ? 20 + 16 : 20;
}

std::vector<Node> nodes_of(const Datagram& bytes) {
    std::vector<Node> nodes;
    for (std::size_t at = 0; at + 16 <= bytes.size();) {
        const std::size_t length = read<std::uint32_t>(bytes, at);
        if (length < 16 || at + length > bytes.size()) break;
        const auto size = std::min(aligned(length), bytes.size() - at);
        nodes.push_back({at, size, -1});
        const auto self = static_cast<int>(nodes.size()) - 1;
        find_attributes(bytes, at + headers_of(bytes, at), at + length, self, nodes, 0);
        at += size;
    }
    return nodes;
}

/// Puts the same number of bytes right in all that a node lies in.
void resize_parents(Datagram& bytes, const std::vector<Node>& nodes, int parent,
                    std::ptrdiff_t by) {
    for (; parent >= 0; parent = nodes[static_cast<std::size_t>(parent)].parent) {
        const auto& node = nodes[static_cast<std::size_t>(parent)];
        if (node.parent < 0)
            write(bytes, node.at,
                  static_cast<std::uint32_t>(read<std::uint32_t>(bytes, node.at) + by));
        else
            write(bytes, node.at,
                  static_cast<std::uint16_t>(read<std::uint16_t>(bytes, node.at) + by));
    }
}

Datagram cut(const Datagram& bytes, const Node& node) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(node.at);
    return {begin, begin + static_cast<std::ptrdiff_t>(node.size)};
}

void insert(Datagram& bytes, const std::vector<Node>& nodes, const Node& where,
            const Datagram& what) {
    if (bytes.size() + what.size() > largest_input) return;
    resize_parents(bytes, nodes, where.parent, static_cast<std::ptrdiff_t>(what.size()));
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(where.at), what.begin(), what.end());
}

void remove(Datagram& bytes, const std::vector<Node>& nodes, const Node& node) {
    resize_parents(bytes, nodes, node.parent, -static_cast<std::ptrdiff_t>(node.size));
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(node.at);
    bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(node.size));
}

}  // namespace

std::uint32_t Mutator::number() {
    constexpr std::array<std::uint32_t, 16> special{
        0, 1, 2, 3, 9, 10, 24, 101, 129, 158, 0x7f, 0xff, 0x8000, 0xffff, 0x7fffffff, 0xffffffff};
    switch (below(3)) {
        case 0:
            return special[below(special.size())];
        case 1:
            return static_cast<std::uint32_t>(below(64));
        default:
            return dice_.number();
    }
}

Input Mutator::changed(const Input& input, const Input& other) {
    auto result = input;
    for (auto times = 1 + below(6); times > 0; --times) change(result.bytes, other.bytes);
    constexpr std::size_t choices = 4;
    if (below(8) == 0) result.choice ^= static_cast<std::uint8_t>(1U << below(choices));
    return result;
}

void Mutator::change(Datagram& bytes, const Datagram& other) {
    if (bytes.empty()) return;
    const auto nodes = nodes_of(bytes);
    const auto kind = below(16);
    if (nodes.empty() || kind == 0) {
        bytes[below(bytes.size())] = static_cast<std::uint8_t>(number());
        return;
    }
    const auto node = nodes[below(nodes.size())];
    const bool is_message = node.parent < 0;
    switch (kind) {
        case 1:  // the length, a little or altogether wrong
            if (is_message)
                write(bytes, node.at,
                      below(2) != 0 ? number()
                                    : static_cast<std::uint32_t>(
                                          read<std::uint32_t>(bytes, node.at) + below(9) - 4));
            else
                write(bytes, node.at,
                      static_cast<std::uint16_t>(
                          below(2) != 0 ? number()
                                        : read<std::uint16_t>(bytes, node.at) + below(9) - 4));
            return;
        case 2:  // the type
            if (is_message) {
                constexpr std::array<std::uint16_t, 5> types{NLMSG_ERROR, NLMSG_DONE, 0x10,
                                                             Input::family_id, 0x23};
                write(bytes, node.at + 4, types[below(types.size())]);
            } else {
                write(bytes, node.at + 2, static_cast<std::uint16_t>(below(40) | below(4) << 14));
            }
            return;
        case 3:  // the command of a message, or the content of an attribute
        case 4:
        case 5:
            if (!is_message)
                write(bytes, node.at + 4, number());
            else if (below(2) != 0)
                bytes[std::min(node.at + 16, bytes.size() - 1)] =
                    static_cast<std::uint8_t>(below(52));
            else
                write(bytes, node.at + 20 + 4 * below(2), number());
            return;
        case 6:  // number and flags of a message
            if (is_message) write(bytes, node.at + 8, number());
            if (is_message && below(4) == 0)
                write(bytes, node.at + 6, static_cast<std::uint16_t>(number()));
            return;
        case 7:
        case 8:
            return remove(bytes, nodes, node);
        case 9:
        case 10: {  // twice, or elsewhere
            const auto copy = cut(bytes, node);
            const auto where = nodes[below(nodes.size())];
            if ((where.parent < 0) == is_message) insert(bytes, nodes, where, copy);
            return;
        }
        case 11:
        case 12: {  // from another input
            const auto others = nodes_of(other);
            if (others.empty()) return;
            const auto& from = others[below(others.size())];
            if ((from.parent < 0) == is_message) insert(bytes, nodes, node, cut(other, from));
            return;
        }
        case 13: {  // one level deeper
            if (is_message || node.size > 60000) return;
            Datagram head(4);
            write(head, 0, static_cast<std::uint16_t>(node.size + 4));
            write(head, 2, static_cast<std::uint16_t>(below(40) | NLA_F_NESTED));
            return insert(bytes, nodes, node, head);
        }
        case 14: {  // a message elsewhere: another order
            if (!is_message) return;
            const auto copy = cut(bytes, node);
            remove(bytes, nodes, node);
            const auto rest = nodes_of(bytes);
            const auto is_first = [](const Node& one) { return one.parent < 0; };
            const auto count = std::count_if(rest.begin(), rest.end(), is_first);
            auto skip = below(static_cast<std::size_t>(count));
            for (const auto& one : rest)
                if (is_first(one) && skip-- == 0) return insert(bytes, rest, one, copy);
            return;
        }
        default:  // the end is missing
            bytes.resize(below(4) != 0
                             ? bytes.size() - below(std::min<std::size_t>(bytes.size(), 64))
                             : below(bytes.size()));
    }
}

}  // namespace san::fuzz
