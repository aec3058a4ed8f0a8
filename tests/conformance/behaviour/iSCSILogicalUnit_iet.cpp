// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSILogicalUnit on IET.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "storage/iet_target.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Stage;

namespace {

struct Iet_stage : Stage {
    Iet_stage() {
        node.iet.is_loaded = true;
        node.iet.files = {"/disk"};
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
        parameters["implementation"] = "iet";
        start_target();
    }
    void start_target() {
        iet_target::start({.iqn = Iscsi_name::parse(parameters.at("target_iqn")),
                           .portals = {Portal::parse("0.0.0.0")}},
                          node.system, Deadline::in(10s));
    }
    std::list<test::Fake_iet::Unit>& units() { return node.iet.targets.front().units; }
    test::Fake_iet::Unit& unit() { return units().front(); }
};

}  // namespace

TEST_CASE("iSCSILogicalUnit, iet: from start to stop, with the shell agent's identity") {
    Iet_stage stage;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.unit().keys.at("scsiid") == "p_test");
    CHECK(stage.unit().keys.at("scsisn") == Scsi_serial::of_resource("p_test").to_text());
    CHECK(stage.unit().type == "fileio");
    stage.unit().mode = "wb";
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("mode is \"wb\" instead of \"wt\""));
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    stage.unit().in_use = true;
    stage.meta["timeout"] = "1000";
    CHECK(stage.act("stop") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("waiting for a command of LUN 1"));
    CHECK(stage.monitor() == ocf::err_generic);
    stage.units().clear();
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.iet.targets.size() == 1);
}

TEST_CASE("iSCSILogicalUnit, iet: every word that IET knows") {
    Iet_stage stage;
    stage.parameters["lun"] = "0";
    stage.parameters["scsi_id"] = "disk1";
    stage.parameters["identity"] = "cluster";
    stage.parameters["liot_bstype"] = "block";
    stage.parameters["block_size"] = "4096";
    stage.parameters["additional_parameters"] = "IOMode=ro";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.unit().keys.at("scsiid") == "disk1");
    CHECK(stage.unit().type == "blockio");
    CHECK(stage.unit().mode == "ro");
    CHECK(stage.unit().block_size == 4096);
}

TEST_CASE("iSCSILogicalUnit, iet: without a target, without an answer") {
    Iet_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.iet.is_locked = true;
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK(stage.act("stop") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("time is up"));
    stage.node.iet.is_locked = false;
    stage.node.iet.answers = false;
    CHECK(stage.act("stop") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("ietd does not answer"));
    stage.node.iet.answers = true;
    stage.node.iet.end();
    CHECK(stage.monitor() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("expected to be started before"));
}

TEST_CASE("iSCSILogicalUnit, iet: what it has no place for is refused by name") {
    const auto refused = [](const std::string& name, const std::string& value,
                            const std::string& reason) {
        Iet_stage stage;
        stage.parameters[name] = value;
        CHECK(stage.act("validate-all") == ocf::err_configured);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == ocf::err_configured);
        CHECK(stage.units().empty());
    };
    refused("allowed_initiators", "iqn.2026-01.org.example:host", "allowed_initiators=");
    refused("alua_group_id", "3", "alua_group_id=");
    refused("scsi_id", "a,b", "scsi_id=\"a,b\": expected no comma");
    refused("scsi_id", "12345678901234567", "expected at most 16 letters");
    refused("additional_parameters", "ScsiSN=1", "additional_parameters=\"ScsiSN=1\"");
}
