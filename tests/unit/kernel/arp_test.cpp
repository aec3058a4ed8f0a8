// SPDX-License-Identifier: GPL-2.0-or-later
// Who claims an address.
#include "kernel/arp.hpp"

#include "support/catch.hpp"

using namespace san;

namespace {
const auto ip = Ip::parse("10.0.0.7");
const Link own{.index = {2}, .name = "eth0", .hardware = {2, 0, 0, 0, 0, 1}};
const Link neighbour{.index = {2}, .name = "eth0", .hardware = {2, 0, 0, 0, 0, 2}};
}  // namespace

TEST_CASE("ARP: a neighbour claims an address by what it says and by what it asks") {
    CHECK(arp::claims(arp::packet(arp::Operation::reply, neighbour, ip), own, ip));
    CHECK(arp::claims(arp::packet(arp::Operation::request, neighbour, ip), own, ip));
    CHECK(arp::claims(arp::probe(neighbour, ip), own, ip));
    CHECK_FALSE(arp::claims(arp::probe(neighbour, Ip::parse("10.0.0.8")), own, ip));
    CHECK_FALSE(arp::claims(arp::probe(own, ip), own, ip));
}

TEST_CASE("ARP: a part of a packet claims nothing") {
    auto packet = arp::packet(arp::Operation::reply, neighbour, ip);
    packet.pop_back();
    CHECK_FALSE(arp::claims(packet, own, ip));
    CHECK_FALSE(arp::claims({}, own, ip));
}
