// SPDX-License-Identifier: GPL-2.0-or-later
// What rtnetlink does with addresses, links and routes.
#include <algorithm>
#include <net/if.h>

#include "kernel/network_bench.hpp"

using namespace san;
using namespace test::network_bench;

TEST_CASE("addresses: added once, listed as added, removed exactly") {
    with_each_bench([](Bench& bench) {
        auto address = bench.on_eth0(vip, 24);
        address.broadcast = Ip::parse("10.0.0.255");
        CHECK(bench.addresses().add(address) == Change::made);
        CHECK(bench.addresses().add(address) == Change::none);
        address.label = "eth0";
        CHECK(bench.find(vip) == address);
        CHECK(bench.addresses().remove(bench.on_eth0(vip, 32)) == Change::none);
        CHECK(bench.addresses().remove(bench.on_eth0(vip, 24)) == Change::made);
        CHECK(bench.addresses().remove(bench.on_eth0(vip, 24)) == Change::none);
        CHECK_FALSE(bench.find(vip));
        CHECK(bench.find(own));

        address.label = "eth0:vip";
        CHECK(bench.addresses().add(address) == Change::made);
        CHECK(bench.find(vip)->label == "eth0:vip");
    });
}

TEST_CASE("addresses: two prefix lengths of one IPv4 address are two, of IPv6 a collision") {
    with_each_bench([](Bench& bench) {
        auto& addresses = bench.addresses();
        addresses.add(bench.on_eth0(vip, 24));
        CHECK(addresses.add(bench.on_eth0(vip, 32)) == Change::made);
        CHECK(addresses.remove(bench.on_eth0(vip, 24)) == Change::made);
        CHECK(bench.find(vip)->prefix == 32);
        addresses.add(bench.on_eth0(vip6, 64));
        CHECK(bench.errnum([](Bench& on) { on.addresses().add(on.on_eth0(vip6, 128)); }) == EEXIST);
    });
}

TEST_CASE("addresses: asked for one, the places of that one") {
    with_each_bench([](Bench& bench) {
        auto& addresses = bench.addresses();
        const auto lo = bench.link("lo").index;
        for (const auto& ip : {vip, vip6}) {
            CHECK(addresses.list(ip).empty());
            addresses.add(bench.on_eth0(ip, ip.bits()));
            addresses.add({.ip = ip, .prefix = ip.bits(), .link = lo});
            const auto places = addresses.list(ip);
            REQUIRE(places.size() == 2);
            CHECK(std::all_of(places.begin(), places.end(),
                              [&](const Address& place) { return place.ip == ip; }));
            CHECK((places[0].link == lo) != (places[1].link == lo));
        }
        CHECK(addresses.list(own).size() == 1);
    });
}

TEST_CASE("addresses: none on a link that is gone") {
    with_each_bench([](Bench& bench) {
        const Address nowhere{.ip = vip, .prefix = 24, .link = {9999}};
        CHECK(bench.errnum([&](Bench& on) { on.addresses().add(nowhere); }) == ENODEV);
        CHECK(bench.addresses().remove(nowhere) == Change::none);
    });
}

TEST_CASE("addresses: the first of a network takes the others along, unless told not to") {
    with_each_bench([](Bench& bench) {
        for (const bool promote : {true, false}) {
            bench.promote_secondaries(promote);
            bench.addresses().add(bench.on_eth0(own, 24));
            bench.addresses().add(bench.on_eth0(vip, 24));
            CHECK(bench.addresses().remove(bench.on_eth0(own, 24)) == Change::made);
            CHECK(bench.find(vip).has_value() == promote);
            bench.addresses().remove(bench.on_eth0(vip, 24));
        }
    });
}

TEST_CASE("addresses: IPv6 is tentative until nobody answered for it") {
    with_each_bench([](Bench& bench) {
        bench.addresses().add(bench.on_eth0(vip6, 64));
        CHECK(bench.find(vip6)->tentative);
        const auto settled = bench.addresses().settled(bench.on_eth0(vip6, 64), Deadline::in(15s));
        REQUIRE(settled);
        CHECK_FALSE(settled->tentative);
        CHECK_FALSE(settled->duplicate_found);
        CHECK_FALSE(bench.addresses().settled(bench.on_eth0(Ip::parse("2001:db8::8"), 64),
                                              Deadline::in(15s)));
    });
}

TEST_CASE("addresses: IPv6 that the neighbour has is a duplicate") {
    with_each_bench([](Bench& bench) {
        bench.occupy(vip6);
        bench.addresses().add(bench.on_eth0(vip6, 64));
        const auto settled = bench.addresses().settled(bench.on_eth0(vip6, 64), Deadline::in(15s));
        REQUIRE(settled);
        CHECK(settled->duplicate_found);
    });
}

TEST_CASE("addresses: without detection, without a route, and not as a source") {
    with_each_bench([](Bench& bench) {
        auto address = bench.on_eth0(vip6, 64);
        address.no_detection = true;
        address.no_prefix_route = true;
        address.preferred = 0;
        CHECK(bench.addresses().add(address) == Change::made);
        const auto found = bench.find(vip6);
        REQUIRE(found);
        CHECK_FALSE(found->tentative);
        CHECK(found->no_detection);
        CHECK(found->no_prefix_route);
        CHECK(found->preferred == 0U);
        CHECK_FALSE(bench.find(own6)->preferred);
        address.ip = vip;
        address.prefix = 16;
        address.no_detection = false;
        address.preferred.reset();
        CHECK(bench.addresses().add(address) == Change::made);
        CHECK(bench.find(vip)->no_prefix_route);
    });
}

TEST_CASE("addresses: one more of the loopback network") {
    with_each_bench([](Bench& bench) {
        const auto lo = bench.link("lo").index;
        const Address local{.ip = Ip::parse("127.0.0.3"), .prefix = 8, .link = lo};
        CHECK(bench.addresses().add(local) == Change::made);
        CHECK(bench.addresses().remove(local) == Change::made);
    });
}

TEST_CASE("addresses: the label for the choice of sources is one") {
    with_each_bench([](Bench& bench) {
        auto& addresses = bench.addresses();
        CHECK(addresses.remove_source_label(vip6) == Change::none);
        CHECK(addresses.add_source_label(vip6, 99) == Change::made);
        CHECK(addresses.add_source_label(vip6, 98) == Change::none);
        CHECK(addresses.remove_source_label(vip6) == Change::made);
        CHECK(addresses.remove_source_label(vip6) == Change::none);
    });
}

TEST_CASE("links: eth0 and lo, up and down, with and without a carrier") {
    with_each_bench([](Bench& bench) {
        CHECK(bench.link("lo").loopback);
        const auto eth0 = bench.link("eth0");
        CHECK(eth0.up);
        CHECK(eth0.has_neighbours);
        CHECK(eth0.hardware == eth0_mac);
        CHECK(eth0.broadcast == everybody);
        CHECK(eth0.hardware_type == 1);
        REQUIRE(bench.links().find(eth0.index));
        CHECK(bench.links().find(eth0.index)->name == "eth0");
        CHECK_FALSE(bench.links().find({9999}));
        CHECK(bench.links().connected(eth0.index, Deadline::in(10s)));
        CHECK(bench.links().set_up(eth0.index) == Change::none);
        bench.set_down();
        CHECK_FALSE(bench.link("eth0").up);
        CHECK_FALSE(bench.links().connected(eth0.index, Deadline::in(0s)));
        CHECK(bench.links().set_up(eth0.index) == Change::made);
        CHECK(bench.links().connected(eth0.index, Deadline::in(10s)));
        bench.cut_wire();
        CHECK_FALSE(bench.links().connected(eth0.index, Deadline::in(100ms)));
        CHECK(bench.errnum([](Bench& on) { on.links().set_up({9999}); }) == ENODEV);
    });
}

TEST_CASE("links: alternative names are names") {
    const Real_bench bench;
    test::ip("link property add dev eth0 altname storage-network-of-this-node");
    const Service_address wanted{.ip = vip, .nic = Nic_name::parse("storage-network-of-this-node")};
    const auto links = make_links()->list();
    const auto place = service_address::place(wanted, links, make_routes()->list(Family::ipv4));
    CHECK(place.link.value == static_cast<int>(::if_nametoindex("eth0")));
}

TEST_CASE("routes: direct ones lead to a link, those with a gateway do not count") {
    const Real_bench bench;
    test::ip("route add 10.9.0.0/16 via 10.0.0.254 dev eth0");
    test::ip("route add 10.8.0.0/16 dev eth0 metric 7 src 10.0.0.1");
    test::ip("route add unreachable 10.7.0.0/16");
    test::ip("route add 10.6.0.0/16 dev eth0 table 99");
    const auto routes = make_routes()->list(Family::ipv4);
    const auto find = [&](const char* network) -> std::optional<Route> {
        for (const auto& route : routes)
            if (route.network == Ip::parse(network) && route.prefix == 16) return route;
        return {};
    };
    REQUIRE(find("10.9.0.0"));
    CHECK_FALSE(find("10.9.0.0")->direct);
    REQUIRE(find("10.8.0.0"));
    CHECK(find("10.8.0.0")->direct);
    CHECK(find("10.8.0.0")->metric == 7);
    CHECK(find("10.8.0.0")->source == own);
    CHECK(find("10.8.0.0")->protocol == Route_protocol::parse("boot").number);
    CHECK(routes.front().protocol == Route_protocol::parse("kernel").number);
    CHECK_FALSE(find("10.7.0.0"));
    CHECK_FALSE(find("10.6.0.0"));
}
