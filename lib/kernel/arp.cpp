// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/arp.hpp"

#include <algorithm>
#include <net/ethernet.h>

namespace san::arp {

namespace {

void append(Bytes& packet, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    packet.insert(packet.end(), bytes, bytes + size);
}

void append_word(Bytes& packet, unsigned word) {
    packet.push_back(static_cast<std::uint8_t>(word >> 8U));
    packet.push_back(static_cast<std::uint8_t>(word & 0xffU));
}

}  // namespace

Bytes packet(Operation operation, const Link& link, const Ip& ip) {
    Bytes packet;
    append_word(packet, link.hardware_type);
    append_word(packet, ETHERTYPE_IP);
    packet.push_back(static_cast<std::uint8_t>(link.hardware.size()));
    packet.push_back(static_cast<std::uint8_t>(ip.size()));
    append_word(packet, static_cast<unsigned>(operation));
    append(packet, link.hardware.data(), link.hardware.size());
    append(packet, ip.data(), ip.size());
    const auto target =
        operation == Operation::request ? Bytes(link.hardware.size(), 0) : link.hardware;
    append(packet, target.data(), target.size());
    append(packet, ip.data(), ip.size());
    return packet;
}

Bytes probe(const Link& link, const Ip& ip) {
    auto question = packet(Operation::request, link, ip);
    const auto sender_ip = question.begin() + 8 + static_cast<std::ptrdiff_t>(link.hardware.size());
    std::fill(sender_ip, sender_ip + ip.size(), std::uint8_t{0});
    return question;
}

bool claims(const Bytes& packet, const Link& link, const Ip& ip) {
    const auto hardware = link.hardware.size();
    if (packet.size() < 8 + 2 * (hardware + ip.size())) return false;
    if (packet[4] != hardware || packet[5] != ip.size()) return false;
    const auto* sender = packet.data() + 8;
    if (std::equal(link.hardware.begin(), link.hardware.end(), sender)) return false;
    const auto* sender_ip = sender + hardware;
    const auto* target_ip = sender_ip + ip.size() + hardware;
    const Bytes nobody(ip.size(), 0);
    const bool probe = std::equal(nobody.begin(), nobody.end(), sender_ip) && packet[7] == 1;
    return std::equal(ip.data(), ip.data() + ip.size(), probe ? target_ip : sender_ip);
}

}  // namespace san::arp
