// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/connections.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

/// The ones' complement sum over a packet's TCP part and what RFC 9293 3.1 puts before it; 0 when
/// the checksum in it is right.
unsigned remainder(const std::vector<std::uint8_t>& packet, unsigned addresses) {
    std::vector<std::uint8_t> covered(packet.begin() + addresses, packet.end());
    covered.insert(covered.end(), {0, 6, 0, 20});
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < covered.size(); at += 2)
        sum += static_cast<unsigned>(covered[at] << 8U) + covered[at + 1];
    while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
    return ~sum & 0xffffU;
}

}  // namespace

TEST_CASE("tickle packet: a bare ACK with a right checksum, in a header of its family") {
    const auto ipv4 = tickle_packet({Ip::parse("10.0.0.7"), 3260, Ip::parse("10.0.0.2"), 40000});
    REQUIRE(ipv4.size() == 40);
    CHECK(ipv4[0] == 0x45);
    CHECK(ipv4[9] == 6);
    CHECK(ipv4[20] * 256 + ipv4[21] == 3260);
    CHECK(ipv4[22] * 256 + ipv4[23] == 40000);
    CHECK(ipv4[33] == 0x10);
    CHECK(remainder(ipv4, 12) == 0);

    const auto ipv6 =
        tickle_packet({Ip::parse("2001:db8::7"), 3260, Ip::parse("2001:db8::2"), 40000});
    REQUIRE(ipv6.size() == 60);
    CHECK(ipv6[0] == 0x60);
    CHECK(ipv6[5] == 20);
    CHECK(ipv6[6] == 6);
    CHECK(remainder(ipv6, 8) == 0);
}
