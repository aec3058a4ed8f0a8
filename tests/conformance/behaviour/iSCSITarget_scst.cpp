// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSITarget on SCST.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

const std::string at = "targets/iscsi/iqn.2026-01.org.example:disk1";

struct Scst_stage : Stage {
    Scst_stage() {
        node.scst.load_handlers();
        node.scst.start_daemon();
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
    }
};

}  // namespace

TEST_CASE("iSCSITarget, scst: from start to stop, and nothing of the kernel's is touched") {
    Scst_stage stage;
    stage.parameters["implementation"] = "scst";
    stage.parameters["incoming_username"] = "client";
    stage.parameters["incoming_password"] = "s3cretpassw0rd";
    stage.parameters["outgoing_username"] = "server";
    stage.parameters["outgoing_password"] = "an0therpassw0rd";
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:host";
    stage.parameters["rtpi"] = "3";
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.scst.has(at + "/ini_groups/allowed/initiators/iqn.2026-01.org.example:host"));
    stage.node.scst.write(at + "/enabled", "0");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("it is not enabled"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.configfs.everything().empty());
}

TEST_CASE(
    "iSCSITarget: SCST that has the target, or is loaded, goes before LIO and not before tgt") {
    Scst_stage stage;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.scst.has(at));
    stage.node.tgt.is_there = true;
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.node.scst.has(at));
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.tgt.targets.size() == 1);
    CHECK_FALSE(stage.node.scst.has(at));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.tgt.targets.empty());
}

TEST_CASE("iSCSITarget, scst: what it has no place for is refused by name") {
    const auto refused = [](const std::string& name, const std::string& value,
                            const std::string& reason) {
        Scst_stage stage;
        stage.parameters["implementation"] = "scst";
        stage.parameters[name] = value;
        CHECK(stage.act("validate-all") == ocf::err_configured);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == ocf::err_configured);
        CHECK_FALSE(stage.node.scst.has(at));
        CHECK(stage.act("stop") == ocf::success);
    };
    refused("iser_portals", "0.0.0.0:3260", "iser_portals=");
    refused("allowed_initiators", "10.0.0.0/24", "only tgt admits addresses");
    refused("additional_parameters", "per_portal_acl=1", "who may log in");
}
