// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSITarget on IET.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

const auto allow = "/etc/iet/initiators.allow";

struct Iet_stage : Stage {
    Iet_stage() {
        node.iet.is_loaded = true;
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
        parameters["implementation"] = "iet";
    }
    test::Fake_iet::Target& target() { return node.iet.targets.front(); }
};

}  // namespace

TEST_CASE("iSCSITarget, iet: from start to stop, and nothing of the kernel's is touched") {
    Iet_stage stage;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    REQUIRE(stage.node.iet.targets.size() == 1);
    CHECK(stage.node.files.find(allow) == "iqn.2026-01.org.example:disk1 ALL\nALL ALL\n");
    stage.node.files.replace(allow, "iqn.2026-01.org.example:disk1 10.0.0.1\n");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("access for ALL is missing"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.configfs.everything().empty());
}

TEST_CASE("iSCSITarget, iet: another target whose name begins like ours is another") {
    Iet_stage stage;
    stage.node.iet.targets.push_front({.number = 3, .name = "iqn.2026-01.org.example:disk10"});
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.iet.targets.size() == 1);
}

TEST_CASE("iSCSITarget, iet: an ietd that died has stopped, one that hangs is a failure") {
    Iet_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.iet.answers = false;
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("ietd does not answer"));
    CHECK(stage.act("stop") == ocf::err_generic);
    stage.node.iet.answers = true;
    stage.node.iet.end();
    CHECK(stage.monitor() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("ietd is not running"));
    stage.node.iet.is_loaded = false;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_installed);
}

TEST_CASE("iSCSITarget: without a word for it the one that has the target, then IET, then tgt") {
    Iet_stage stage;
    stage.parameters.erase("implementation");
    stage.node.tgt.is_there = true;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.iet.targets.size() == 1);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.iet.targets.empty());
    for (const auto* word : {"tgt", "lio-t"}) {
        stage.parameters["implementation"] = word;
        REQUIRE(stage.act("start") == ocf::success);
        stage.parameters.erase("implementation");
        CHECK(stage.monitor() == ocf::success);
        CHECK(stage.act("stop") == ocf::success);
        CHECK(stage.node.tgt.targets.empty());
        CHECK(stage.probe() == ocf::not_running);
    }
}

TEST_CASE("iSCSITarget, iet: what it has no place for is refused by name") {
    const auto refused = [](const std::string& name, const std::string& value, int code,
                            const std::string& reason) {
        Iet_stage stage;
        stage.parameters[name] = value;
        CHECK(stage.act("validate-all") == code);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == code);
        CHECK(stage.node.iet.targets.empty());
        CHECK(stage.act("stop") == ocf::success);
    };
    refused("iser_portals", "0.0.0.0:3260", ocf::err_configured, "iser_portals=");
    refused("rtpi", "3", ocf::err_configured, "rtpi=");
    refused("allowed_initiators", "0.0.0.0/0", ocf::err_configured, "allowed_initiators=");
    refused("additional_parameters", "HeaderDigest=None,CRC32C", ocf::err_configured,
            "additional_parameters=");
}

TEST_CASE("iSCSITarget, iet: accounts of both sides, and a list") {
    Iet_stage stage;
    stage.parameters["incoming_username"] = "client";
    stage.parameters["incoming_password"] = "password1234";
    stage.parameters["outgoing_username"] = "server";
    stage.parameters["outgoing_password"] = "another12345";
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:host";
    stage.parameters["tid"] = "5";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.target().number == 5);
    CHECK(stage.node.iet.accounts.size() == 2);
    stage.environment["OCF_CHECK_LEVEL"] = "10";
    CHECK(stage.monitor() == ocf::success);
    REQUIRE(stage.node.initiator.logins.size() == 1);
    const auto& login = stage.node.initiator.logins.front();
    CHECK(login.initiator == "iqn.2026-01.org.example:host");
    REQUIRE(login.incoming);
    CHECK(login.incoming->user == "client");
    REQUIRE(login.outgoing);
    CHECK(login.outgoing->user == "server");
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:another 10.0.0.0/24";
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK_THAT(stage.node.files.find(allow).value_or(""),
               ContainsSubstring("iqn\\.2026-01\\.org\\.example:another, 10.0.0.0/24\n"));
    stage.node.iet.accounts.pop_back();
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("account \"client\" is missing"));
    CHECK_THAT(stage.reason, !ContainsSubstring("password1234"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.iet.accounts.empty());
    for (const auto& one : stage.node.iet.asked)
        for (const auto& word : one.words) {
            CHECK_THAT(word, !ContainsSubstring("password1234"));
            CHECK_THAT(word, !ContainsSubstring("another12345"));
        }
}
