// SPDX-License-Identifier: GPL-2.0-or-later
// Where an address goes. What the kernel makes of it is in tests/kernel/network_contract.cpp.
#include "storage/service_address.hpp"

#include <fstream>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;

namespace {

/// eth0 with 10.0.0.0/24, eth1 with 10.0.0.0/16 and 2001:db8::/64.
struct Map {
    Map() {
        network.links.all.push_back({.index = {3}, .name = "eth1", .up = true, .carrier = true});
        add("10.0.0.0", 16, {3});
        add("2001:db8::", 64, {3});
        add("fe80::", 64, {2});
        add("fe80::", 64, {3});
    }
    void add(const char* to, unsigned prefix, Link_index link, std::uint32_t metric = 0) {
        network.routes.all.push_back({.network = Ip::parse(to),
                                      .prefix = prefix,
                                      .link = link,
                                      .direct = true,
                                      .metric = metric});
    }
    Address place(const Service_address& wanted) const {
        return service_address::place(wanted, network.links.all, network.routes.all);
    }
    Address place(const char* ip) const { return place({.ip = Ip::parse(ip)}); }

    test::Fake_network network;
};

Kind refusal(const Map& map, const Service_address& wanted, const char* part) {
    try {
        map.place(wanted);
    } catch (const Error& refused) {
        CHECK_THAT(refused.what(), ContainsSubstring(part));
        return refused.kind();
    }
    FAIL("taken");
    return Kind::failed;
}

}  // namespace

TEST_CASE("Prefix_length: bits, or the mask that has as many") {
    CHECK(Prefix_length::parse("24").bits == 24);
    CHECK(Prefix_length::parse("128").bits == 128);
    CHECK(Prefix_length::parse("255.255.240.0").bits == 20);
    CHECK(Prefix_length::parse("0.0.0.0").bits == 0);
    for (const auto* bad : {"", "129", "-1", "255.0.255.0", "ffff::", "24 "})
        CHECK_THROWS_AS(Prefix_length::parse(bad), Error);
}

TEST_CASE("Nic_name: a name, or a name with a label") {
    CHECK(Nic_name::parse("eth0").label.empty());
    CHECK(Nic_name::parse("eth0:vip").name == "eth0");
    CHECK(Nic_name::parse("eth0:vip").label == "vip");
    for (const auto* bad : {"", "eth0:", ":vip", "eth/0", "eth 0", "."})
        CHECK_THROWS_AS(Nic_name::parse(bad), Error);
}

TEST_CASE("Broadcast: given, last or first of the network") {
    const auto ip = Ip::parse("10.0.0.7");
    CHECK(Broadcast::parse("+").of(ip, 24).to_text() == "10.0.0.255");
    CHECK(Broadcast::parse("-").of(ip, 24).to_text() == "10.0.0.0");
    CHECK(Broadcast::parse("10.0.255.255").of(ip, 24).to_text() == "10.0.255.255");
    CHECK_THROWS_AS(Broadcast::parse("2001:db8::"), Error);
}

TEST_CASE("place: the most specific direct route, then the lowest metric") {
    Map map;
    CHECK(map.place("10.0.0.7").link == Link_index{2});
    CHECK(map.place("10.0.0.7").prefix == 24);
    CHECK(map.place("10.0.9.7").link == Link_index{3});
    CHECK(map.place("10.0.9.7").prefix == 16);
    CHECK(map.place("2001:db8::7").link == Link_index{3});
    map.network.routes.all.front().metric = 100;
    map.add("10.0.0.0", 24, {3}, 50);
    CHECK(map.place("10.0.0.7").link == Link_index{3});
}

TEST_CASE("place: where the address is now says nothing, but loopback has networks") {
    Map map;
    map.add("10.0.0.7", 32, {1});
    map.add("127.0.0.0", 8, {1});
    for (auto& route : map.network.routes.all) route.local_table = route.link == Link_index{1};
    CHECK(map.place("10.0.0.7").link == Link_index{2});
    CHECK(map.place("127.0.0.3").link == Link_index{1});
    CHECK(map.place("127.0.0.3").prefix == 8);
    map.add("2001:db8::7", 128, {2});
    CHECK(map.place("2001:db8::7").prefix == 128);
    map.network.routes.all.back().protocol = Route_protocol::parse("kernel").number;
    CHECK(map.place("2001:db8::7").prefix == 64);
}

TEST_CASE("place: a protocol picks among the routes") {
    Map map;
    map.network.routes.all.front().protocol = 2;
    map.add("10.0.0.0", 30, {3});
    map.network.routes.all.back().protocol = 4;
    const auto by = [&](const char* protocol) {
        return map.place(
            {.ip = Ip::parse("10.0.0.1"), .route_protocol = Route_protocol::parse(protocol)});
    };
    CHECK(by("kernel").prefix == 24);
    CHECK(by("static").prefix == 30);
    CHECK(by("4").prefix == 30);
    for (const auto* bad : {"", "256", "-1", "2nd", "carrier pigeon", "a#b"})
        CHECK_THROWS_AS(Route_protocol::parse(bad), Error);
}

TEST_CASE("Route_protocol: names of iproute2's tables, the administrator's before the others") {
    test::Fake_root root;
    const Files files{root.path()};
    const auto write = [&](const char* path, const char* content) {
        const auto file = root.path() / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << content;
    };
    const auto number = [&](const char* name) {
        return Route_protocol::parse(name).known_to(files).number;
    };
    CHECK(number("kernel") == 2);
    CHECK(number("17") == 17);
    CHECK_THROWS_AS(number("pigeon"), Error);
    write("usr/share/iproute2/rt_protos", "# number name\n77\tpigeon\n0x4e carrier # by air\n");
    CHECK(number("pigeon") == 77);
    CHECK(number("carrier") == 0x4e);
    write("etc/iproute2/rt_protos.d/birds.conf", "\n79 pigeon");
    write("etc/iproute2/rt_protos.d/birds.conf~", "80 crow\n");
    CHECK(number("pigeon") == 79);
    write("etc/iproute2/rt_protos", "81 pigeon\n# 82 crow\n256 crow\nmany crow\n83\n");
    CHECK(number("pigeon") == 81);
    try {
        number("crow");
        FAIL("found");
    } catch (const Error& unknown) {
        CHECK(unknown.kind() == Kind::wrong_on_this_node);
        CHECK_THAT(unknown.what(), ContainsSubstring("proto=\"crow\": expected"));
        CHECK_THAT(unknown.what(), ContainsSubstring("rt_protos"));
    }
}

TEST_CASE("place: without a route where the address is, if neighbours reach it there") {
    Map map;
    const Address there{.ip = Ip::parse("192.0.2.7"), .prefix = 28, .link = {3}};
    const auto at = [&](const Service_address& wanted, const Address& place) {
        return service_address::place(wanted, map.network.links.all, map.network.routes.all,
                                      {place});
    };
    CHECK(at({.ip = there.ip}, there).link == Link_index{3});
    CHECK(at({.ip = there.ip}, there).prefix == 28);
    CHECK(at({.ip = there.ip, .prefix = Prefix_length{27}}, there).prefix == 27);
    CHECK(at({.ip = there.ip, .nic = Nic_name{"eth1"}}, there).prefix == 28);
    CHECK_THROWS_AS(at({.ip = there.ip, .nic = Nic_name{"eth0"}}, there), Error);
    auto parked = there;
    parked.link = {1};
    CHECK_THROWS_AS(at({.ip = there.ip}, parked), Error);
    // A route says more than a place that may be an old one.
    auto old = there;
    old.ip = Ip::parse("10.0.0.7");
    CHECK(at({.ip = old.ip}, old).link == Link_index{2});
}

TEST_CASE("Preferred_lifetime: for ever, or seconds") {
    CHECK_FALSE(Preferred_lifetime::parse("forever").seconds);
    CHECK(Preferred_lifetime::parse("0").seconds == 0U);
    for (const auto* bad : {"", "never", "-1", "1.5", "4294967296"})
        CHECK_THROWS_AS(Preferred_lifetime::parse(bad), Error);
}

TEST_CASE("place: what is given goes before what is found") {
    const Map map;
    const auto there = map.place({.ip = Ip::parse("192.0.2.7"),
                                  .nic = Nic_name::parse("eth1:vip"),
                                  .prefix = Prefix_length{28}});
    CHECK(there.link == Link_index{3});
    CHECK(there.prefix == 28);
    CHECK(there.broadcast == Ip::parse("192.0.2.15"));
    CHECK(there.label == "eth1:vip");
    const auto on_eth1 = map.place({.ip = Ip::parse("10.0.0.7"), .nic = Nic_name::parse("eth1")});
    CHECK(on_eth1.prefix == 16);
    CHECK_FALSE(map.place({.ip = Ip::parse("10.0.0.7"), .prefix = Prefix_length{32}}).broadcast);
}

TEST_CASE("place: neither a default route nor a gateway leads to a service address") {
    Map map;
    CHECK(refusal(map, {.ip = Ip::parse("192.0.2.7")}, "ip=\"192.0.2.7\": expected") ==
          Kind::wrong_on_this_node);
    CHECK(refusal(map, {.ip = Ip::parse("192.0.2.7")}, "10.0.0.0/24 on eth0") ==
          Kind::wrong_on_this_node);
    CHECK(refusal(map, {.ip = Ip::parse("192.0.2.7"), .nic = Nic_name::parse("eth1")},
                  "cidr_netmask=\"\": expected") == Kind::wrong_on_this_node);
    CHECK(refusal(map, {.ip = Ip::parse("192.0.2.7"), .nic = Nic_name::parse("eth7")},
                  "nic=\"eth7\": expected") == Kind::wrong_on_this_node);
}

TEST_CASE("place: what contradicts itself") {
    const Map map;
    const auto v4 = Ip::parse("10.0.0.7");
    const auto v6 = Ip::parse("2001:db8::7");
    CHECK(refusal(map, {.ip = v4, .prefix = Prefix_length{64}}, "cidr_netmask=\"64\"") ==
          Kind::misconfigured);
    CHECK(refusal(map, {.ip = v6, .broadcast = Broadcast{}}, "broadcast=\"+\"") ==
          Kind::misconfigured);
    CHECK(refusal(map, {.ip = v6, .label = "vip"}, "iflabel=\"vip\"") == Kind::misconfigured);
    CHECK(refusal(map, {.ip = Ip::parse("fe80::7")}, "nic=\"\"") == Kind::misconfigured);
    CHECK(map.place({.ip = Ip::parse("fe80::7"), .nic = Nic_name::parse("eth1")}).link ==
          Link_index{3});
}
