// SPDX-License-Identifier: GPL-2.0-or-later
// Random values where the network, the firewall and the connections are the kernel's.
// SAN_RANDOM_VALUES says how many.
#include "conformance/random_values.hpp"

#include <fstream>
#include <linux/netlink.h>
#include <set>

#include "kernel/nft_messages.hpp"
#include "support/private_network.hpp"

using namespace san;
using test::Stage;

namespace {

/// All that an agent could have left behind in the network.
std::string remains(Stage& stage) {
    auto& node = stage.system();
    std::set<std::string> facts;
    for (const auto& address : node.addresses.list())
        facts.insert(address.ip.to_text() + "/" + std::to_string(address.prefix) + " on " +
                     std::to_string(address.link.value) + " " + address.label);
    for (const auto& link : node.links.list())
        facts.insert(link.name + (link.up ? " up" : " down"));
    if (netlink::Socket{NETLINK_NETFILTER}.change(
            nft::table(nft::Table_family::inet, "san-portblock")) == 0)
        facts.insert("table of blocks");
    for (const auto* directory : {"/run/resource-agents", "/run/resource-agents/portblock"})
        for (const auto& name : stage.node.files.names(directory)) facts.insert(name);
    std::string text;
    for (const auto& fact : facts) text += fact + "\n";
    return text;
}

}  // namespace

TEST_CASE("random values: the kernel is as it was, or as was asked for") {
    test::Wire wire;
    test::ip("address add 10.0.0.1/24 dev eth0");
    // Else each IPv6 address waits a second for somebody to object.
    std::ofstream{"/proc/sys/net/ipv6/conf/eth0/accept_dad"} << "0";

    Stage stage;
    const auto addresses = make_addresses();
    const auto links = make_links();
    const auto routes = make_routes();
    const auto firewall = make_firewall();
    const auto connections = make_connections();
    System real{.name = "alice",
                .files = stage.node.files,
                .configfs = stage.node.configfs,
                .addresses = *addresses,
                .links = *links,
                .routes = *routes,
                .announcer = stage.node.network.announcer,
                .networks = stage.node.network.networks,
                .firewall = *firewall,
                .connections = *connections,
                .initiator = stage.node.initiator,
                .mapper = stage.node.mapper,
                .drbd = stage.node.drbd,
                .tgt = stage.node.tgt,
                .iet = stage.node.iet,
                .scst = stage.node.scst,
                .commands = stage.node.commands,
                .bounded = stage.node.bounded,
                .background = stage.node.background,
                .attributes = stage.node.attributes,
                .watchers = stage.node.watchers,
                .residents = stage.node.residents};
    stage.system = [&]() -> System& { return real; };
    const auto tally = test::try_random_values(stage, [&] { return remains(stage); });
    CHECK(tally.started > 0);
    CHECK(tally.refused > 0);
    WARN(tally.started << " started, " << tally.refused << " refused");
}
