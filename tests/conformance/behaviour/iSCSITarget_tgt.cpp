// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSITarget on tgtd.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

struct Tgt_stage : Stage {
    Tgt_stage() {
        node.tgt.is_there = true;
        parameters["implementation"] = "tgt";
    }
};

}  // namespace

TEST_CASE("iSCSITarget, tgt: from start to stop, and nothing of the kernel's is touched") {
    Tgt_stage stage;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    REQUIRE(stage.node.tgt.targets.size() == 1);
    CHECK(stage.node.tgt.targets.begin()->second.addresses == std::vector<std::string>{"ALL"});
    stage.node.tgt.targets.begin()->second.state = "offline";
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("it is offline"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.configfs.everything().empty());
}

TEST_CASE("iSCSITarget, tgt: a daemon that died has stopped, one that hangs is a failure") {
    Tgt_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.tgt.answers = false;
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("tgtd does not answer"));
    CHECK(stage.act("stop") == ocf::err_generic);
    stage.node.tgt.answers = true;
    stage.node.tgt.end();
    CHECK(stage.monitor() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("tgtd is not running"));
}

TEST_CASE(
    "iSCSITarget: without a word for it the subsystem that has the target, then tgt, then LIO") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.tgt.is_there = true;
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.node.configfs.has("target/iscsi/iqn.2026-01.org.example:disk1"));
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.tgt.targets.size() == 1);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.tgt.targets.empty());
}

TEST_CASE("iSCSITarget, tgt: what it has no place for is refused by name") {
    const auto refused = [](const std::string& name, const std::string& value, int code,
                            const std::string& reason) {
        Tgt_stage stage;
        stage.parameters[name] = value;
        CHECK(stage.act("validate-all") == code);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == code);
        CHECK(stage.node.tgt.targets.empty());
        CHECK(stage.act("stop") == ocf::success);
    };
    refused("iser_portals", "0.0.0.0:3260", ocf::err_configured, "iser_portals=");
    refused("rtpi", "3", ocf::err_configured, "rtpi=");
    refused("tid", "0", ocf::err_configured, "tid=\"0\": expected a number from 1");
}

TEST_CASE("iSCSITarget, tgt: accounts of both sides, and a list") {
    Tgt_stage stage;
    stage.parameters["incoming_username"] = "client";
    stage.parameters["incoming_password"] = "password1234";
    stage.parameters["outgoing_username"] = "server";
    stage.parameters["outgoing_password"] = "another12345";
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:host";
    stage.parameters["tid"] = "5";
    REQUIRE(stage.act("start") == ocf::success);
    const auto& target = stage.node.tgt.targets.at(5);
    CHECK(target.users == std::vector<std::string>{"client"});
    CHECK(target.own_user == "server");
    CHECK(target.names == std::vector<std::string>{"iqn.2026-01.org.example:host"});
    CHECK(target.addresses.empty());
    stage.environment["OCF_CHECK_LEVEL"] = "10";
    CHECK(stage.monitor() == ocf::success);
    REQUIRE(stage.node.initiator.logins.size() == 1);
    const auto& login = stage.node.initiator.logins.front();
    CHECK(login.initiator == "iqn.2026-01.org.example:host");
    REQUIRE(login.incoming);
    CHECK(login.incoming->user == "client");
    REQUIRE(login.outgoing);
    CHECK(login.outgoing->user == "server");
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:another";
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(target.names == std::vector<std::string>{"iqn.2026-01.org.example:another"});
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.tgt.accounts.empty());
}
