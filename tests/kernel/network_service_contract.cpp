// SPDX-License-Identifier: GPL-2.0-or-later
// What a service address makes of addresses, links and routes.
#include <algorithm>

#include "kernel/network_bench.hpp"

using namespace san;
using namespace test::network_bench;

TEST_CASE("a service address: started where it is when its route has gone") {
    Real_bench bench;
    auto& node = bench.node();
    const Service_address wanted{.ip = vip};
    const auto limit = Deadline::in(15s);
    CHECK(service_address::start(wanted, node, limit) == Change::made);
    test::ip("route flush dev eth0");
    CHECK(service_address::start(wanted, node, limit) == Change::none);
    CHECK(service_address::find_faults(wanted, node) == std::vector<std::string>{});
    CHECK(service_address::stop(vip, node) == Change::made);
    CHECK_THROWS_AS(service_address::start(wanted, node, limit), Error);
}

TEST_CASE(
    "a service address: placed by its route, started, started again, stopped, stopped again") {
    with_each_bench([](Bench& bench) {
        for (const auto& ip : {vip, vip6}) {
            const Service_address wanted{.ip = ip};
            CHECK(start(bench, wanted) == Change::made);
            CHECK(faults(bench, wanted).empty());
            const auto address = bench.find(ip);
            REQUIRE(address);
            CHECK(address->link == bench.eth0());
            CHECK(address->prefix == (ip == vip ? 24 : 64));
            CHECK_FALSE(address->tentative);
            CHECK(start(bench, wanted) == Change::none);
            CHECK(stop(bench, wanted) == Change::made);
            CHECK(stop(bench, wanted) == Change::none);
            CHECK_FALSE(bench.find(ip));
        }
        CHECK(bench.find(own));
        CHECK(bench.find(own6));
    });
}

TEST_CASE("a service address moves to the prefix length that was asked for last") {
    with_each_bench([](Bench& bench) {
        for (const auto& ip : {vip, vip6}) {
            Service_address wanted{.ip = ip, .prefix = Prefix_length{30}};
            start(bench, wanted);
            wanted.prefix = Prefix_length{28};
            CHECK(faults(bench, wanted) ==
                  std::vector<std::string>{"its prefix length is 30 instead of 28"});
            CHECK(start(bench, wanted) == Change::made);
            CHECK(faults(bench, wanted).empty());
            stop(bench, wanted);
        }
    });
}

TEST_CASE("stop leaves the other addresses of the network alone") {
    with_each_bench([](Bench& bench) {
        bench.promote_secondaries(false);
        bench.addresses().remove(bench.on_eth0(own, 24));
        auto second = bench.on_eth0(Ip::parse("10.0.0.8"), 24);
        second.broadcast = Ip::parse("10.0.0.255");
        second.label = "eth0:two";
        bench.addresses().add(bench.on_eth0(vip, 24));
        bench.addresses().add(second);
        CHECK(stop(bench, {.ip = vip}) == Change::made);
        CHECK(bench.find(second.ip) == second);
    });
}

TEST_CASE("stop finds the address on any link") {
    with_each_bench([](Bench& bench) {
        const auto lo = bench.link("lo").index;
        bench.addresses().add({.ip = vip, .prefix = 32, .link = lo});
        bench.addresses().add(bench.on_eth0(vip, 24));
        CHECK(faults(bench, {.ip = vip}) ==
              std::vector<std::string>{"it is on this node more than once",
                                       "it is on lo, which no neighbour reaches"});
        CHECK(stop(bench, {.ip = vip}) == Change::made);
        CHECK_FALSE(bench.find(vip));
    });
}

TEST_CASE("a link that is down is set up, one without a carrier refused and a fault") {
    with_each_bench([](Bench& bench) {
        const Service_address wanted{
            .ip = vip, .nic = Nic_name::parse("eth0"), .prefix = Prefix_length{24}};
        bench.set_down();
        CHECK(start(bench, wanted) == Change::made);
        bench.cut_wire();
        CHECK(faults(bench, wanted) == std::vector<std::string>{"interface eth0 has no carrier"});
        CHECK(stop(bench, wanted) == Change::made);
        CHECK_THROWS_WITH(start(bench, wanted), ContainsSubstring("eth0 has no carrier"));
        CHECK_FALSE(bench.find(vip));
        bench.mend_wire();
        REQUIRE(bench.links().connected(bench.eth0(), Deadline::in(10s)));
        CHECK(start(bench, wanted) == Change::made);
        bench.set_down();
        CHECK_THAT(faults(bench, wanted).at(0), ContainsSubstring("eth0 is down"));
    });
}

TEST_CASE("an address that another node has does not stay here") {
    with_each_bench([](Bench& bench) {
        bench.occupy(vip6);
        CHECK_THROWS_WITH(start(bench, {.ip = vip6}),
                          ContainsSubstring("used by another node of the network"));
        CHECK_FALSE(bench.find(vip6));
    });
}

TEST_CASE("an IPv4 address that a neighbour answers for is not taken, if it was asked") {
    with_each_bench([](Bench& bench) {
        bench.occupy(vip);
        CHECK_THROWS_WITH(start(bench, {.ip = vip, .ask_neighbours = true}),
                          ContainsSubstring("it answers ARP"));
        CHECK_FALSE(bench.find(vip));
        const Service_address free{.ip = Ip::parse("10.0.0.9"), .ask_neighbours = true};
        CHECK(start(bench, free) == Change::made);
        CHECK(start(bench, free) == Change::none);
    });
}

TEST_CASE("a label for sources comes and goes with the address") {
    with_each_bench([](Bench& bench) {
        start(bench, {.ip = vip6, .source_label = 99});
        CHECK(bench.addresses().add_source_label(vip6, 99) == Change::none);
        stop(bench, {.ip = vip6});
        CHECK(bench.addresses().remove_source_label(vip6) == Change::none);
        bench.occupy(vip6);
        CHECK_THROWS(start(bench, {.ip = vip6, .source_label = 99}));
        CHECK(bench.addresses().remove_source_label(vip6) == Change::none);
    });
}

TEST_CASE("a link without carrier is no obstacle where it does not matter") {
    with_each_bench([](Bench& bench) {
        const Service_address wanted{.ip = vip,
                                     .nic = Nic_name::parse("eth0"),
                                     .prefix = Prefix_length{24},
                                     .needs_carrier = false};
        bench.cut_wire();
        CHECK(start(bench, wanted) == Change::made);
        CHECK(faults(bench, wanted).empty());
    });
}

TEST_CASE("the loopback address of LVS-DR is told from all others, and put back") {
    with_each_bench([](Bench& bench) {
        auto& node = bench.node();
        CHECK_FALSE(service_address::is_on_loopback(vip, node));
        CHECK(service_address::add_to_loopback(vip, node) == Change::made);
        CHECK(service_address::add_to_loopback(vip, node) == Change::none);
        CHECK(service_address::is_on_loopback(vip, node));
        CHECK(start(bench, {.ip = vip}) == Change::made);
        CHECK_FALSE(service_address::is_on_loopback(vip, node));
        service_address::add_to_loopback(vip, node);
        CHECK_FALSE(service_address::is_on_loopback(vip, node));
    });
}

TEST_CASE("a start without time does not leave an address that is not usable") {
    Real_bench bench;
    CHECK_THROWS_WITH(start(bench, {.ip = vip6}, 1s), ContainsSubstring("did not end"));
    CHECK_FALSE(bench.find(vip6));
}
