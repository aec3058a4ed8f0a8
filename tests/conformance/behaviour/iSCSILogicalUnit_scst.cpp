// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSILogicalUnit on SCST.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"
#include "support/scst_place.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Stage;

namespace {

const std::string luns = "targets/iscsi/iqn.2026-01.org.example:disk1/luns";

struct Scst_stage : Stage {
    Scst_stage() {
        parameters["implementation"] = "scst";
        node.scst.load_handlers();
        node.scst.start_daemon();
        node.scst.files["/disk"] = {.bytes = 4096};
        scst_actions::start(Target{.iqn = Iscsi_name::parse("iqn.2026-01.org.example:disk1"),
                                   .portals = {Portal::parse("0.0.0.0")}},
                            node.system, Deadline::in(10s));
        before = node.configfs.everything();
    }
    std::string device(const std::string& attribute) const {
        const auto text = node.scst.read("devices/p_test/" + attribute).text;
        return text.substr(0, text.find('\n'));
    }
    decltype(node.configfs.everything()) before;
};

}  // namespace

TEST_CASE("iSCSILogicalUnit, scst: the identity of the shell agent, from start to stop") {
    Scst_stage stage;
    stage.parameters["vendor_id"] = "EXAMPLE";
    stage.parameters["product_id"] = "DISK";
    stage.parameters["scst_bstype"] = "vdisk_fileio";
    stage.parameters["additional_parameters"] = "threads_num=4 nv_cache=0";
    CHECK(stage.probe() == ocf::not_running);
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.device("usn") == Scsi_serial::of_resource("p_test").to_text());
    CHECK(stage.device("t10_vend_id") == "EXAMPLE");
    CHECK(stage.device("t10_dev_id") == "DISK");
    CHECK(stage.device("write_through") == "1");
    CHECK(stage.device("threads_num") == "4");
    CHECK(stage.node.scst.has(luns + "/1"));
    CHECK(stage.node.configfs.everything() == stage.before);
    stage.node.scst.write(luns + "/mgmt", "del 1");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.monitor() == ocf::not_running);
    CHECK_FALSE(stage.node.scst.has("devices/p_test"));
}

TEST_CASE("iSCSILogicalUnit, scst: identity=cluster has room in it") {
    Scst_stage stage;
    stage.parameters["identity"] = "cluster";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.device("usn").size() == 20);
    CHECK(stage.device("t10_dev_id") == stage.device("usn").substr(0, 16));
}

TEST_CASE("iSCSILogicalUnit, scst: what it has no place for is refused by name") {
    const auto refused = [](const std::string& name, const std::string& value,
                            const std::string& reason) {
        Scst_stage stage;
        stage.parameters[name] = value;
        CHECK(stage.act("start") == ocf::err_configured);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("stop") == ocf::success);
    };
    refused("allowed_initiators", "iqn.2026-01.org.example:host", "for all its units");
    refused("alua_group_id", "3", "expected none, with SCST");
    refused("scsi_sn", "123456789012345678901", "up to 20 letters");
    refused("scst_bstype", "vdisk_nullio", "expected vdisk_blockio");
    refused("additional_parameters", "filename=1", "other parameters");
}

TEST_CASE("iSCSILogicalUnit, scst: a LUN that stays makes stop fail, and it says why") {
    Scst_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.scst.refuses = {"del 1"};
    CHECK(stage.act("stop") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("LUN 1 removed"));
    CHECK(stage.monitor() == ocf::success);
    stage.node.scst.refuses.clear();
    CHECK(stage.act("stop") == ocf::success);
}
