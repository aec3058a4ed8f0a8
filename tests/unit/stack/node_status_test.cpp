// SPDX-License-Identifier: GPL-2.0-or-later
// What a node says of itself, where initiators have a say as well.
#include "stack/node_status.hpp"

#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

TEST_CASE("node status: an initiator's alias does not stand for its address") {
    test::Node node;
    node.configfs.load_core();
    node.configfs.load_iscsi();
    const Configfs::Path target{"target/iscsi/iqn.2026-01.org.example:disk1"};
    const auto entry = target / "tpgt_1/acls/iqn.2026-01.org.example:host";
    for (const auto& directory : {Configfs::Path{"target/iscsi"}, target, target / "tpgt_1", entry})
        node.configfs.make(directory);
    // lio_target_nacl_info_show, 6.1, shortened.
    node.configfs.write(entry / "info",
                        "InitiatorName: iqn.2026-01.org.example:host\n"
                        "InitiatorAlias: an Address 198.51.100.66 TCP\n"
                        "   CID: 0  Connection State: TARG_CONN_STATE_LOGGED_IN\n"
                        "   Address 192.0.2.9 TCP  StatSN: 0x00000001\n");
    const auto status = stack::look_at_node(node.system, Deadline::in(5s));
    REQUIRE(status.targets.size() == 1);
    REQUIRE(status.targets[0].sessions.size() == 1);
    CHECK(status.targets[0].sessions[0].address == "192.0.2.9");
}
