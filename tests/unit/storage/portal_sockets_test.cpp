// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/portal_sockets.hpp"

#include "storage/target.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

const auto iqn = Iscsi_name::parse("iqn.2026-01.org.example:disk1");

Connection from_client(const std::string& local, std::uint16_t port) {
    return {.local = Ip::parse(local),
            .local_port = port,
            .remote = Ip::parse(local.find(':') == std::string::npos ? "10.9.9.9" : "fd00::9"),
            .remote_port = 40000};
}

}  // namespace

TEST_CASE("portal sockets: connections end whose address has left, and no others") {
    test::Node node;
    node.configfs.load_core();
    node.configfs.load_iscsi();
    node.configfs.make(lio::fabric);
    target::start({.iqn = iqn, .portals = {Portal::parse("0.0.0.0"), Portal::parse("[fd00::7]")}},
                  node.configfs, node.bounded, Deadline::in(10s));
    node.network.links.all = {{.index = {2}, .name = "eth0", .up = true}};
    node.network.addresses.add({.ip = Ip::parse("10.0.0.1"), .prefix = 24, .link = {2}});

    const std::vector<Connection> kept{
        from_client("10.0.0.1", 3260),   // a fixed address of the node
        from_client("10.0.0.7", 22),     // no port of the target
        from_client("127.0.0.1", 3260),  // in no list of addresses to be asked for
    };
    auto& connections = node.connections;
    connections.all = kept;
    connections.all.push_back(from_client("10.0.0.7", 3260));
    connections.all.push_back(from_client("fd00::7", 3260));
    const auto end = [&] {
        return portal_sockets::end_stranded(iqn, node.configfs, connections, node.network.addresses,
                                            node.bounded, Deadline::in(10s));
    };
    CHECK(end() == Change::made);
    CHECK(connections.all == kept);
    CHECK(end() == Change::none);

    target::stop(iqn, node.configfs, node.bounded, Deadline::in(10s));
    connections.all.push_back(from_client("10.0.0.7", 3260));
    CHECK(end() == Change::none);
}
