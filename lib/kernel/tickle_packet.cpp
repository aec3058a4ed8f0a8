// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "kernel/connections.hpp"

namespace san {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr unsigned tcp_length = 20;
constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t hops = 255;

void word(Bytes& to, unsigned value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8U));
    to.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

void append(Bytes& to, const Ip& ip) { to.insert(to.end(), ip.data(), ip.data() + ip.size()); }

/// The ones' complement sum of RFC 1071.
unsigned checksum(const Bytes& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2)
        sum += static_cast<std::uint32_t>(bytes[at] << 8U) |
               (at + 1 < bytes.size() ? bytes[at + 1] : 0U);
    while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
    return ~sum & 0xffffU;
}

/// RFC 9293 3.1: no data, no options, sequence and acknowledgment 0.
Bytes segment(const Connection& connection) {
    constexpr unsigned offset_and_ack = (tcp_length / 4) << 12U | 0x10U;
    constexpr unsigned window = 1024;
    Bytes bytes;
    word(bytes, connection.local_port);
    word(bytes, connection.remote_port);
    bytes.insert(bytes.end(), 8, 0);
    word(bytes, offset_and_ack);
    word(bytes, window);
    word(bytes, 0);
    word(bytes, 0);

    Bytes covered;
    append(covered, connection.local);
    append(covered, connection.remote);
    word(covered, tcp);
    word(covered, tcp_length);
    covered.insert(covered.end(), bytes.begin(), bytes.end());
    const auto sum = checksum(covered);
    bytes[16] = static_cast<std::uint8_t>(sum >> 8U);
    bytes[17] = static_cast<std::uint8_t>(sum & 0xffU);
    return bytes;
}

}  // namespace

std::vector<std::uint8_t> tickle_packet(const Connection& connection) {
    Bytes packet;
    if (connection.local.family() == Family::ipv4) {
        // RFC 791 3.1. The kernel fills in length, identification and checksum (raw(7)).
        packet = {0x45, 0, 0, 0, 0, 0, 0, 0, hops, tcp, 0, 0};
    } else {
        // RFC 8200 3.
        packet = {0x60, 0, 0, 0, 0, tcp_length, tcp, hops};
    }
    append(packet, connection.local);
    append(packet, connection.remote);
    const auto payload = segment(connection);
    packet.insert(packet.end(), payload.begin(), payload.end());
    return packet;
}

}  // namespace san
