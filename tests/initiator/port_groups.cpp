// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_groups.hpp"

#include <stdexcept>

namespace initiator {
namespace {

constexpr std::size_t group_bytes = 8;
constexpr std::size_t port_bytes = 4;

// Big-endian, as everything in SCSI.
unsigned two_bytes(std::span<const std::uint8_t> from) {
    return static_cast<unsigned>(from[0]) << 8 | from[1];
}

std::span<const std::uint8_t> cut(std::span<const std::uint8_t>& rest, std::size_t size) {
    if (rest.size() < size)
        throw std::runtime_error("REPORT TARGET PORT GROUPS: the answer ends too early");
    const auto part = rest.first(size);
    rest = rest.subspan(size);
    return part;
}

}  // namespace

std::vector<Port_group> parse_port_groups(std::span<const std::uint8_t> answer) {
    const auto head = cut(answer, 4);
    auto rest = cut(answer, two_bytes(head) << 16 | two_bytes(head.subspan(2)));
    std::vector<Port_group> groups;
    while (!rest.empty()) {
        const auto group = cut(rest, group_bytes);
        groups.push_back({.id = two_bytes(group.subspan(2)),
                          .state = group[0] & 0x0fU,
                          .preferred = (group[0] & 0x80) != 0});
        for (unsigned ports = group[7]; ports > 0; --ports)
            groups.back().ports.push_back(two_bytes(cut(rest, port_bytes).subspan(2)));
    }
    return groups;
}

std::string port_groups_json(const std::vector<Port_group>& groups) {
    std::string text;
    for (const auto& group : groups) {
        std::string ports;
        for (const auto port : group.ports)
            ports += (ports.empty() ? "" : ", ") + std::to_string(port);
        text += (text.empty() ? "" : ", ") + std::string{"{\"id\": "} + std::to_string(group.id) +
                ", \"state\": " + std::to_string(group.state) +
                ", \"preferred\": " + (group.preferred ? "true" : "false") + ", \"ports\": [" +
                ports + "]}";
    }
    return "[" + text + "]";
}

}  // namespace initiator
