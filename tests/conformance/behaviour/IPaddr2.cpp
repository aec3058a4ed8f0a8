// SPDX-License-Identifier: GPL-2.0-or-later
// What only IPaddr2 does with its parameters. What the kernel does with the result is in
// tests/kernel/network_contract.cpp.
#include <fstream>

#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

struct Address_stage : Stage {
    const Address* find(const char* ip) {
        for (const auto& address : node.network.addresses.all)
            if (address.ip == Ip::parse(ip)) return &address;
        return nullptr;
    }
    std::vector<std::string>& announced() { return node.network.announcer.announced; }
    void add(const char* ip, unsigned prefix, Link_index link) {
        node.network.addresses.all.push_back(
            {.ip = Ip::parse(ip), .prefix = prefix, .link = link, .label = "lo"});
    }
};

constexpr Link_index lo{1};

}  // namespace

TEST_CASE("IPaddr2: flags, lifetime and label go with the address") {
    Address_stage stage;
    stage.node.network.routes.all.push_back(
        {.network = Ip::parse("2001:db8::"), .prefix = 64, .link = {2}, .direct = true});
    stage.parameters = {{"ip", "2001:db8::7"},  {"nodad", "true"},    {"noprefixroute", "yes"},
                        {"preferred_lft", "0"}, {"cidr_netmask", ""}, {"netmask", "128"}};
    REQUIRE(stage.act("start") == ocf::success);
    const auto* address = stage.find("2001:db8::7");
    REQUIRE(address);
    CHECK(address->no_detection);
    CHECK(address->no_prefix_route);
    CHECK(address->preferred == 0U);
    CHECK(address->prefix == 128);
    CHECK(stage.node.network.addresses.source_labels.at(address->ip) == 99);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.network.addresses.source_labels.empty());

    stage.parameters["lvs_ipv6_addrlabel"] = "false";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.node.network.addresses.source_labels.empty());
}

TEST_CASE("IPaddr2: announcements, as many and when it is told to") {
    Address_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.parameters["arp_count"] = "3";
    stage.parameters["arp_interval"] = "50";
    stage.parameters["arp_bg"] = "false";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    stage.parameters["arp_count_refresh"] = "2";
    CHECK(stage.probe() == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.announced() == std::vector<std::string>{"10.0.0.7 on eth0, 5 in 200 ms",
                                                        "10.0.0.7 on eth0, 3 in 50 ms, awaited",
                                                        "10.0.0.7 on eth0, 2 in 50 ms, awaited"});
}

TEST_CASE("IPaddr2: instances of a clone have addresses of their own, or are refused") {
    Address_stage stage;
    stage.meta = {{"clone", "2"}, {"clone_max", "3"}, {"globally_unique", "true"}};
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("clone-max=\"3\": expected"));
    CHECK(stage.act("stop") == ocf::success);
    stage.parameters["unique_clone_address"] = "true";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.find("10.0.0.9"));
    CHECK_FALSE(stage.find("10.0.0.7"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.find("10.0.0.9"));
    stage.parameters["ip"] = "10.0.0.253";
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("ip=\"10.0.0.253\": expected"));

    stage.parameters = {{"ip", "10.0.0.7"}, {"nic", "lo"}, {"cidr_netmask", "32"}};
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("IPaddr2: the loopback address of LVS-DR is taken, and put back") {
    Address_stage stage;
    stage.add("10.0.0.7", 32, lo);
    stage.parameters["lvs_support"] = "true";
    CHECK(stage.probe() == ocf::not_running);
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.find("10.0.0.7")->link == Link_index{2});
    CHECK(stage.monitor() == ocf::success);
    REQUIRE(stage.act("stop") == ocf::success);
    CHECK(stage.find("10.0.0.7")->link == lo);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.find("10.0.0.7")->link == lo);

    stage.parameters["ip"] = "10.0.0.8";
    REQUIRE(stage.act("start") == ocf::success);
    REQUIRE(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.find("10.0.0.8"));
}

TEST_CASE("IPaddr2: bad values of what start needs do not keep stop from the address") {
    for (const auto* name : {"nic", "cidr_netmask", "broadcast", "proto", "preferred_lft"}) {
        Address_stage stage;
        REQUIRE(stage.act("start") == ocf::success);
        stage.parameters[name] = "no/such thing";
        CHECK(stage.act("stop") == ocf::success);
        CHECK_FALSE(stage.find("10.0.0.7"));
    }
}

TEST_CASE("IPaddr2: without lvs_support the loopback interface is a wrong place") {
    Address_stage stage;
    stage.add("10.0.0.7", 32, lo);
    stage.parameters = {{"ip", "10.0.0.7"}};
    CHECK(stage.probe() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("it is on lo, which no neighbour reaches"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.find("10.0.0.7"));
}

TEST_CASE("IPaddr2: proto takes the names of the node's tables, and start alone needs them") {
    Address_stage stage;
    stage.parameters = {{"ip", "10.0.0.7"}, {"proto", "pigeon"}};
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("proto=\"pigeon\": expected"));
    CHECK(stage.probe() == ocf::not_running);
    const auto table = stage.node.root.path() / "etc/iproute2/rt_protos";
    std::filesystem::create_directories(table.parent_path());
    std::ofstream{table} << "77 pigeon\n";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("a directly connected network"));
    stage.node.network.routes.all.front().protocol = 77;
    CHECK(stage.act("start") == ocf::success);
    std::filesystem::remove(table);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("IPaddr2: what is up is started again although its route has gone") {
    Address_stage stage;
    stage.parameters = {{"ip", "10.0.0.7"}};
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.network.routes.all.clear();
    CHECK(stage.act("validate-all") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.find("10.0.0.7")->prefix == 24);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_args);
}

TEST_CASE("IPaddr2: a network namespace that is not here has no address of ours") {
    Address_stage stage;
    stage.parameters["network_namespace"] = "blue";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    stage.node.network.networks.all = {"blue"};
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.network.networks.entered == "blue");
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("IPaddr2: a neighbour that has the address is asked for, if wanted") {
    Address_stage stage;
    stage.node.network.announcer.taken = {Ip::parse("10.0.0.7")};
    stage.parameters["run_arping"] = "true";
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("used by another node"));
    CHECK_FALSE(stage.find("10.0.0.7"));
    stage.parameters["run_arping"] = "false";
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("IPaddr2: an interface that is gone is a failure where the address should be") {
    Address_stage stage;
    stage.parameters["nic"] = "eth7";
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("interface eth7 is gone"));
}

TEST_CASE("IPaddr2: a label that is missing is a fault") {
    Address_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.parameters["iflabel"] = "vip";
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("its label is eth0 instead of eth0:vip"));
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.find("10.0.0.7")->label == "eth0:vip");
}

TEST_CASE("IPaddr2: a link without carrier matters unless it is told not to") {
    Address_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.network.links.all.at(1).carrier = false;
    CHECK(stage.monitor() == ocf::err_generic);
    stage.parameters["check_link_status"] = "false";
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("IPaddr2: monitor waits for a link as long as it is told to, a probe does not") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    auto& links = stage.node.network.links;
    auto& eth0 = links.all.at(1);
    int waits = 0;
    links.meanwhile = [&] {
        ++waits;
        eth0.carrier = true;
    };
    eth0.carrier = false;
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK(waits == 0);
    stage.parameters["monitor_retries"] = "3";
    CHECK(stage.probe() == ocf::err_generic);
    CHECK(waits == 0);
    CHECK(stage.monitor() == ocf::success);
    CHECK(waits == 1);
    links.meanwhile = [] {};
    eth0.carrier = false;
    CHECK(stage.monitor() == ocf::err_generic);
}
