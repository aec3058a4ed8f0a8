// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSILogicalUnit on tgtd.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "storage/tgt_target.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Stage;

namespace {

struct Tgt_stage : Stage {
    Tgt_stage() {
        node.tgt.is_there = true;
        node.tgt.files["/disk"] = 4096;
        parameters["implementation"] = "tgt";
        start_target();
    }
    void start_target() {
        tgt_target::start({.iqn = Iscsi_name::parse(parameters.at("target_iqn")),
                           .portals = {Portal::parse("0.0.0.0")}},
                          node.tgt, Deadline::in(10s));
    }
    test::Fake_tgtd::Unit& unit() { return node.tgt.targets.begin()->second.units.at(1); }
};

}  // namespace

TEST_CASE("iSCSILogicalUnit, tgt: from start to stop, with the shell agent's identity") {
    Tgt_stage stage;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.unit().scsi_id == "p_test");
    // printf p_test | md5sum | head -c 8
    CHECK(stage.unit().serial == Scsi_serial::of_resource("p_test").to_text());
    stage.unit().path = "/another";
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("path is \"/another\" instead of \"/disk\""));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.tgt.targets.size() == 1);
}

TEST_CASE("iSCSILogicalUnit, tgt: every word that only tgt knows") {
    Tgt_stage stage;
    stage.parameters["scsi_id"] = "disk1";
    stage.parameters["tgt_bstype"] = "rdwr";
    stage.parameters["tgt_bsoflags"] = "sync";
    stage.parameters["tgt_device_type"] = "disk";
    stage.parameters["vendor_id"] = "EXAMPLE";
    stage.parameters["block_size"] = "4096";
    stage.parameters["additional_parameters"] = "mode_page=8:0:18:0x10:0:0xff thin_provisioning=1";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.unit().scsi_id == "disk1");
    CHECK(stage.unit().flags == "sync");
    CHECK(stage.unit().block_size == 4096);
    CHECK(stage.unit().more.at("vendor_id") == "EXAMPLE");
    CHECK(stage.unit().more.at("mode_page") == "8:0:18:0x10:0:0xff");
    CHECK(stage.unit().more.at("thin_provisioning") == "1");
}

TEST_CASE("iSCSILogicalUnit, tgt: without a target, without a daemon, without an answer") {
    Tgt_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.tgt.answers = false;
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK(stage.act("stop") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("tgtd does not answer"));
    stage.node.tgt.answers = true;
    stage.node.tgt.end();
    CHECK(stage.monitor() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    stage.node.tgt.is_there = true;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("expected to be started before"));
}

TEST_CASE("iSCSILogicalUnit, tgt: what it has no place for is refused by name") {
    const auto refused = [](const std::string& name, const std::string& value,
                            const std::string& reason) {
        Tgt_stage stage;
        stage.parameters[name] = value;
        CHECK(stage.act("validate-all") == ocf::err_configured);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == ocf::err_configured);
        CHECK(stage.node.tgt.targets.begin()->second.units.size() == 1);
    };
    refused("lun", "0", "lun=\"0\": expected a number from 1");
    refused("allowed_initiators", "iqn.2026-01.org.example:host", "allowed_initiators=");
    refused("alua_group_id", "3", "alua_group_id=");
    refused("tgt_device_type", "disc", "tgt_device_type=\"disc\"");
    refused("tgt_bsopts", "a,b", "tgt_bsopts=\"a,b\": expected no comma");
    refused("vendor_id", "a,b", "vendor_id=\"a,b\": expected no comma");
}
