// SPDX-License-Identifier: GPL-2.0-or-later
// What only iSCSILogicalUnit does: parameters that are for other target subsystems, and those that
// a path cannot fulfil.
#include "base/log.hpp"
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "storage/backstore.hpp"
#include "storage/logical_unit.hpp"
#include "storage/target_reload.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

TEST_CASE("iSCSILogicalUnit: what is meant for other target subsystems changes nothing") {
    Stage plain;
    REQUIRE(plain.act("start") == ocf::success);
    Stage stage;
    for (const auto* name : {"scsi_id", "lio_iblock", "tgt_bstype", "tgt_bsoflags", "tgt_bsopts",
                             "tgt_device_type", "scst_bstype"})
        stage.parameters[name] = "anything";
    CHECK(stage.act("validate-all") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.configfs.everything() == plain.node.configfs.everything());
}

TEST_CASE("iSCSILogicalUnit: scsi_id is warned about when it is given") {
    for (const auto* given : {"", "anything"}) {
        Stage stage;
        stage.parameters["scsi_id"] = given;
        std::string said;
        log::set_sink([&](log::Level, std::string_view line) { said.append(line); });
        const auto code = stage.act("start");
        log::set_sink({});
        CHECK(code == ocf::success);
        CHECK((said.find("scsi_id has no effect") != std::string::npos) == (*given != '\0'));
    }
    Stage stage;
    bool warned = false;
    log::set_sink([&](log::Level level, std::string_view) { warned |= level != log::Level::info; });
    const auto code = stage.act("start");
    log::set_sink({});
    CHECK(code == ocf::success);
    CHECK_FALSE(warned);
}

TEST_CASE("iSCSILogicalUnit: an identity of the cluster is the same under every name") {
    Stage stage;
    stage.parameters["identity"] = "cluster";
    // The MD5 of the target's name, a newline and the unit's number.
    const std::string digits = "8709c1ab67316532d355cfa6394e1aea";
    for (const auto* name : {"p_lun1", "p_another"}) {
        stage.instance = name;
        REQUIRE(stage.act("start") == ocf::success);
        const auto device = lio::backstores(name, stage.node.configfs).front();
        CHECK(stage.node.configfs.find(device / "wwn/vpd_unit_serial") ==
              "T10 VPD Unit Serial Number: " + digits);
        CHECK(stage.node.configfs.find(device / "wwn/product_id") == digits.substr(0, 16));
        REQUIRE(stage.act("stop") == ocf::success);
    }
    stage.parameters["scsi_sn"] = "0123abcd";
    stage.parameters["product_id"] = "disk";
    REQUIRE(stage.act("start") == ocf::success);
    const auto device = lio::backstores("p_another", stage.node.configfs).front();
    CHECK(stage.node.configfs.find(device / "wwn/vpd_unit_serial") ==
          "T10 VPD Unit Serial Number: 0123abcd");
    CHECK(stage.node.configfs.find(device / "wwn/product_id") == "disk");
}

TEST_CASE("iSCSILogicalUnit: an empty file is no disk") {
    Stage stage;
    stage.node.files.touch("/empty");
    stage.parameters["path"] = "/empty";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("path=\"/empty\": expected a file that is not"));
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("iSCSILogicalUnit: a driver that cannot open the path is refused on this node") {
    Stage stage;
    const auto before = stage.node.configfs.everything();
    stage.parameters["liot_bstype"] = "block";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason,
               ContainsSubstring("liot_bstype=\"block\": expected fileio: /disk is a file"));
    CHECK(stage.node.configfs.everything() == before);
    stage.parameters["liot_bstype"] = "fileio";
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("iSCSILogicalUnit: a clone is shown on standby and becomes active when it is promoted") {
    Stage stage;
    stage.meta["promotable"] = "true";
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("alua_group_id=\"\": expected one for each node"));
    stage.parameters["alua_group_id"] = "bob:2";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason,
               ContainsSubstring("alua_group_id=\"bob:2\": expected a number for alice"));
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("demote") == ocf::success);
    stage.parameters["alua_group_id"] = "alice:1 bob:2";
    CHECK(stage.act("promote") == ocf::err_generic);
    CHECK(stage.act("demote") == ocf::success);

    const auto state = [&] {
        const auto device = lio::backstores("p_test", stage.node.configfs).front();
        return stage.node.configfs.find(device / "alua/san/alua_access_state");
    };
    const auto score = [&] { return stage.node.attributes.scores["p_test@alice"]; };
    CHECK(stage.act("start") == ocf::success);
    CHECK(state() == "2");
    CHECK(score() == 5);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("promote") == ocf::success);
    CHECK(state() == "0");
    CHECK(score() == 10);
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK(stage.act("demote") == ocf::success);
    CHECK(state() == "2");
    CHECK(score() == 5);

    // A state that is neither.
    const auto device = lio::backstores("p_test", stage.node.configfs).front();
    stage.node.configfs.write(device / "alua/san/alua_access_state", "3");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("ALUA state is 3 instead of 2"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(score() == std::nullopt);
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("iSCSILogicalUnit: killed between the two writes of a promotion it is not promoted") {
    Stage stage;
    stage.meta["promotable"] = "true";
    stage.parameters["alua_group_id"] = "1";
    REQUIRE(stage.act("start") == ocf::success);
    const auto device = lio::backstores("p_test", stage.node.configfs).front();
    stage.node.configfs.write(device / "alua/default_tg_pt_gp/alua_access_state", "0");
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.monitor() == ocf::running_promoted);
}

TEST_CASE("iSCSILogicalUnit: a clone whose states are alike cannot be promoted") {
    Stage stage;
    stage.meta["promotable"] = "true";
    stage.parameters["alua_group_id"] = "1";
    stage.parameters["alua_unpromoted_state"] = "active";
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason,
               ContainsSubstring("alua_unpromoted_state=\"active\": expected another"));
}

TEST_CASE("iSCSILogicalUnit: monitor waits for a reload of its target that took its LUN away") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    auto& configfs = stage.node.configfs;
    auto& bounded = stage.node.bounded;
    const auto target = Iscsi_name::parse(stage.parameters.at("target_iqn"));
    const auto lun = logical_unit::place(target, Lun_number::parse("1"));
    const auto links = lio::links(configfs, lun);
    REQUIRE(links.size() == 1);
    const auto [link, device] = *links.begin();
    configfs.unlink(lun / link);
    bounded.steps.clear();

    SECTION("nobody has ever reloaded it: nothing to wait for") {
        CHECK(stage.monitor() == ocf::err_generic);
        CHECK(bounded.steps.empty());
        CHECK_FALSE(
            stage.node.files.is_directory("/run/resource-agents/san-reload-" + target.to_text()));
    }
    SECTION("after its end the LUN is there") {
        Target_reload{stage.node.files, "/run/resource-agents", target}.begin();
        bounded.before = [&] { configfs.link(lun / link, device); };
        CHECK(stage.monitor() == ocf::success);
        CHECK(bounded.steps == std::vector<std::string>{"the reload of its target"});
    }
    SECTION("after its end the LUN is still missing") {
        Target_reload{stage.node.files, "/run/resource-agents", target}.begin();
        CHECK(stage.monitor() == ocf::err_generic);
    }
}
