// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

const std::string at = "targets/iscsi/iqn.2026-01.org.example:disk1/";

}  // namespace

TEST_CASE("SCSTTarget: nothing that SCST has is changed beside it") {
    Stage stage;
    auto& scst = stage.node.scst;
    scst.load_handlers();
    scst.start_daemon();
    scst.files["/disk"] = {.bytes = 4096};
    scst.write("handlers/vdisk_fileio/mgmt", "add_device theirs filename=/disk");
    scst.write("targets/iscsi/mgmt", "add_target iqn.2026-01.org.example:theirs");
    scst.write("targets/iscsi/iqn.2026-01.org.example:theirs/luns/mgmt", "add theirs 0");
    scst.write("targets/iscsi/enabled", "1");
    const auto before = scst.everything();
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.commands.asked.empty());
    CHECK(stage.act("stop") == ocf::success);
    CHECK(scst.everything() == before);
}

TEST_CASE("SCSTTarget: what initiators would notice is a failure") {
    const auto breaks = [](const std::string& path, const std::string& data,
                           const std::string& reason) {
        Stage stage;
        stage.parameters["portals"] = "10.0.0.7";
        stage.parameters["incoming_username"] = "client";
        stage.parameters["incoming_password"] = "s3cretpassw0rd";
        stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:host";
        REQUIRE(stage.act("start") == ocf::success);
        REQUIRE(stage.node.scst.write(path, data) == 0);
        CHECK(stage.monitor() == ocf::err_generic);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == ocf::success);
        CHECK(stage.monitor() == ocf::success);
        CHECK(stage.act("stop") == ocf::success);
        CHECK(stage.monitor() == ocf::not_running);
    };
    const std::string name = "iqn.2026-01.org.example:disk1 ";
    breaks(at + "enabled", "0", "it is not enabled");
    breaks("targets/iscsi/enabled", "0", "driver is not enabled");
    breaks("targets/iscsi/mgmt", "del_target_attribute " + name + "IncomingUser client",
           "IncomingUser \"client\" is missing");
    breaks("targets/iscsi/mgmt", "del_target_attribute " + name + "allowed_portal 10.0.0.7",
           "portal 10.0.0.7 is missing");
    breaks("targets/iscsi/mgmt", "add_target_attribute " + name + "allowed_portal 10.0.0.8",
           "portal 10.0.0.8 is not wanted");
    breaks(at + "ini_groups/allowed/initiators/mgmt", "add iqn.2026-01.org.example:other",
           "is admitted, but in no list");
    breaks(at + "ini_groups/mgmt", "del allowed", "everybody is admitted");
}

TEST_CASE("SCSTTarget: a daemon that died has stopped; start brings it back") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.scst.kill_daemon();
    CHECK(stage.monitor() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    stage.node.connections.portals = [] { return std::vector<Listener>{}; };
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("nobody listens"));
}

TEST_CASE("SCSTTarget: a changed list is a reload, and stop waits for sessions") {
    Stage stage;
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:host";
    REQUIRE(stage.act("start") == ocf::success);
    auto& scst = stage.node.scst;
    scst.log_in("iqn.2026-01.org.example:disk1", "iqn.2026-01.org.example:host");
    stage.parameters["allowed_initiators"] =
        "iqn.2026-01.org.example:host iqn.2026-01.org.example:another";
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(scst.sessions("iqn.2026-01.org.example:disk1").size() == 1);
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:another";
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(scst.sessions("iqn.2026-01.org.example:disk1").empty());
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("SCSTTarget: depth 10 logs in, as soon as there is a LUN") {
    Stage stage;
    stage.parameters["incoming_username"] = "client";
    stage.parameters["incoming_password"] = "s3cretpassw0rd";
    REQUIRE(stage.act("start") == ocf::success);
    stage.environment["OCF_CHECK_LEVEL"] = "10";
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.initiator.logins.empty());
    auto& scst = stage.node.scst;
    scst.load_handlers();
    scst.write("handlers/vdisk_nullio/mgmt", "add_device null1 size_mb=1");
    scst.write(at + "luns/mgmt", "add null1 0");
    CHECK(stage.monitor() == ocf::success);
    REQUIRE(stage.node.initiator.logins.size() == 1);
    CHECK(stage.node.initiator.logins.front().incoming->user == "client");
}
