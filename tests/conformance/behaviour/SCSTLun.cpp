// SPDX-License-Identifier: GPL-2.0-or-later
#include <fstream>

#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

const std::string target = "targets/iscsi/iqn.2026-01.org.example:disk1/";

std::string value(const Stage& stage, const std::string& path) {
    const auto text = stage.node.scst.read(path).text;
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("SCSTLun: the words of the documents") {
    Stage stage;
    stage.parameters = {
        {"iscsi_enable", "true"},
        {"target_iqn", "iqn.2026-01.org.example:disk1"},
        {"iscsi_lun", "0"},
        {"path", "/disk"},
        {"handler", "vdisk_fileio"},
        {"device_name", "VDISK-LUN01"},
        {"scsi_sn", "0123abcd"},
        {"scsi_id", "x"},
        {"additional_parameters", "nv_cache=1 write_through=0 thin_provisioned=0 threads_num=4"},
        {"wait_timeout", "60"}};
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(value(stage, "devices/VDISK-LUN01/nv_cache") == "1");
    CHECK(value(stage, "devices/VDISK-LUN01/threads_num") == "4");
    CHECK(value(stage, "devices/VDISK-LUN01/usn") == "0123abcd");
    CHECK(value(stage, "devices/VDISK-LUN01/t10_dev_id") == "0123abcd-x");
    CHECK(stage.node.scst.has(target + "luns/0"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.node.scst.has("devices/VDISK-LUN01"));
}

TEST_CASE("SCSTLun: what initiators would notice is a failure, and start mends it") {
    const auto breaks = [](const std::string& path, const std::string& data,
                           const std::string& reason) {
        Stage stage;
        stage.parameters["scsi_sn"] = "0123abcd";
        stage.parameters["additional_parameters"] = "threads_num=4";
        REQUIRE(stage.act("start") == ocf::success);
        REQUIRE(stage.node.scst.write(path, data) == 0);
        CHECK(stage.monitor() == ocf::err_generic);
        CHECK_THAT(stage.reason, ContainsSubstring(reason));
        CHECK(stage.act("start") == ocf::success);
        CHECK(stage.monitor() == ocf::success);
        CHECK(stage.act("stop") == ocf::success);
        CHECK(stage.monitor() == ocf::not_running);
    };
    breaks(target + "luns/mgmt", "del 0", "LUN 0 of iqn.2026-01.org.example:disk1 is missing");
    breaks("devices/lun1/usn", "another", "usn is \"another\" instead of 0123abcd");
    breaks("devices/lun1/threads_num", "2", "threads_num is \"2\" instead of 4");
    breaks("devices/lun1/active", "0", "the device is closed");
}

TEST_CASE("SCSTLun: a device of that name with another path is not touched") {
    Stage stage;
    auto& scst = stage.node.scst;
    scst.load_handlers();
    scst.files["/theirs"] = {.bytes = 4096};
    scst.write("handlers/vdisk_fileio/mgmt", "add_device lun1 filename=/theirs");
    scst.write(target + "luns/mgmt", "add lun1 0");
    const auto before = scst.everything();
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("there is a device of that name"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(scst.everything() == before);
}

TEST_CASE("SCSTLun: made, and shown to nobody") {
    Stage stage;
    stage.parameters["iscsi_enable"] = "false";
    stage.parameters.erase("lun");
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.scst.names(target + "luns") == std::vector<std::string>{"mgmt"});
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.monitor() == ocf::not_running);
}

TEST_CASE("SCSTLun: start waits for its path as long as it was told, and not for ever") {
    Stage stage;
    std::filesystem::remove(stage.node.root.path() / "disk");
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("path=\"/disk\""));
    stage.parameters["wait_timeout"] = "1";
    const auto begin = Deadline::Clock::now();
    CHECK(stage.act("start") == ocf::err_args);
    CHECK(Deadline::Clock::now() - begin >= std::chrono::milliseconds{900});
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("SCSTLun: stop with the path gone, the target gone, or the modules") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    std::filesystem::remove(stage.node.root.path() / "disk");
    stage.node.scst.files.clear();
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.node.scst.has("devices/lun1"));

    Stage second;
    REQUIRE(second.act("start") == ocf::success);
    second.node.scst.kill_daemon();
    CHECK(second.monitor() == ocf::err_generic);
    CHECK(second.act("stop") == ocf::success);
    CHECK_FALSE(second.node.scst.has("devices/lun1"));
}

TEST_CASE("SCSTLun: depth 10 logs in and asks for the serial number") {
    Stage stage;
    stage.parameters["scsi_sn"] = "0123abcd";
    REQUIRE(stage.act("start") == ocf::success);
    stage.environment["OCF_CHECK_LEVEL"] = "10";
    stage.monitor();
    REQUIRE(stage.node.initiator.logins.size() == 1);
    CHECK(stage.node.initiator.logins.front().lun == 0);
}
