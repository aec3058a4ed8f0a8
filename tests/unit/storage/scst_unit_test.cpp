// SPDX-License-Identifier: GPL-2.0-or-later
// Units of SCST's, on a tree that does what the real one was recorded to do.
#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/scst_place.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Scst_place;
using Texts = std::vector<std::string>;

TEST_CASE("scst unit: complete before anybody is shown it, and gone in reverse") {
    Scst_place place;
    place.start();
    place.unit.attributes.insert(place.unit.attributes.end(),
                                 {{"nv_cache", "0"},
                                  {"thin_provisioned", "1"},
                                  {"t10_dev_id", "0123abcd-x"},
                                  {"t10_vend_id", "EXAMPLE"},
                                  {"naa_id", "60014057A0C1B2D00000000000000000"},
                                  {"threads_num", "4"},
                                  {"no_such_thing", "1"}});
    place.scst.before = [&](const Scst_tree::Path& path, std::string_view data) {
        if (path != place.at("luns/mgmt") || !data.starts_with("add")) return;
        CHECK(place.value("devices/p_test/usn") == "0123abcd");
        CHECK(place.value("devices/p_test/threads_num") == "4");
        CHECK(place.value("devices/p_test/thin_provisioned") == "1");
        CHECK(place.value("devices/p_test/write_through") == "1");
    };
    CHECK(place.start_unit() == Change::made);
    CHECK(place.scst.asked[place.scst.asked.size() - 7].second ==
          "add_device p_test filename=/disk; write_through=1; nv_cache=0; thin_provisioned=1");
    CHECK(place.start_unit() == Change::none);
    CHECK(place.unit_faults().empty());
    CHECK(place.has_unit());
    place.scst.asked.clear();
    CHECK(place.stop_unit() == Change::made);
    REQUIRE(place.scst.asked.size() == 2);
    CHECK(place.scst.asked[0].second == "del 1");
    CHECK(place.scst.asked[1].first == "handlers/vdisk_fileio/mgmt");
    CHECK_FALSE(place.has_unit());
    CHECK(place.stop_unit() == Change::none);
}

TEST_CASE("scst unit: what differs is a fault, and start mends it") {
    Scst_place place;
    place.start();
    place.start_unit();
    place.scst.write("devices/p_test/usn", "other");
    place.scst.write("devices/p_test/active", "0");
    place.scst.write(place.at("luns/mgmt"), "del 1");
    CHECK(place.unit_faults() == Texts{"the device is closed",
                                       "usn is \"other\" instead of 0123abcd",
                                       "LUN 1 of iqn.2026-01.org.example:disk1 is missing"});
    CHECK(place.start_unit() == Change::made);
    CHECK(place.unit_faults().empty());
    // Made with something else: it has to be made anew.
    place.unit.attributes[0].second = "0";
    CHECK(place.unit_faults() == Texts{"write_through is \"1\" instead of 0"});
    CHECK(place.start_unit() == Change::made);
    CHECK(place.unit_faults().empty());
    CHECK(place.value("devices/p_test/usn") == "0123abcd");
}

TEST_CASE("scst unit: a device of its name that another makes meanwhile is not shown") {
    Scst_place place;
    place.start();
    bool is_made = false;
    place.scst.before = [&](const Scst_tree::Path&, std::string_view data) {
        if (is_made || !data.starts_with("add_device p_test")) return;
        is_made = true;
        place.scst.write("handlers/vdisk_blockio/mgmt", "add_device p_test filename=/dev/vdb");
    };
    CHECK_THROWS_AS(place.start_unit(), Error);
    CHECK(is_made);
    CHECK_FALSE(place.scst.has(place.at("luns/1")));
    CHECK(place.value("devices/p_test/filename") == "/dev/vdb");
}

TEST_CASE("scst unit: what is not ours is not touched") {
    Scst_place place;
    place.start();
    auto& scst = place.scst;
    scst.write("handlers/vdisk_nullio/mgmt", "add_device theirs size_mb=1");
    scst.write(place.at("luns/mgmt"), "add theirs 1");
    scst.write("handlers/vdisk_blockio/mgmt", "add_device p_test filename=/dev/vdb");
    const auto before = scst.everything();
    CHECK_THROWS_WITH(place.start_unit(), ContainsSubstring("there is a device of that name"));
    CHECK_FALSE(place.has_unit());
    CHECK(place.stop_unit() == Change::none);
    CHECK(scst.everything() == before);
    scst.write("handlers/vdisk_blockio/mgmt", "del_device p_test");
    const auto without = scst.everything();
    CHECK_THROWS_WITH(place.start_unit(), ContainsSubstring("is another unit, theirs"));
    CHECK(scst.everything() == without);
    CHECK(place.stop() == Change::made);
    CHECK(scst.has("devices/theirs"));
}

TEST_CASE("scst unit: a path that has gone does not keep it from being removed") {
    Scst_place place;
    place.start();
    place.start_unit();
    place.scst.files.clear();
    CHECK(place.has_unit());
    CHECK(scst_actions::stop({.device = "p_test"}, place.node.system, Scst_place::soon()) ==
          Change::made);
    CHECK_FALSE(place.scst.has("devices/p_test"));
    CHECK_FALSE(place.scst.has(place.at("luns/1")));
}

TEST_CASE("scst unit: a refusal is said in the administrator's words, with nothing left") {
    const auto refuse = [](const std::function<void(Scst_place&)>& change, Kind kind,
                           const std::string& reason) {
        Scst_place place;
        place.start();
        change(place);
        const auto before = place.scst.everything();
        try {
            place.start_unit();
            CHECK(false);
        } catch (const Error& failure) {
            CHECK(failure.kind() == kind);
            CHECK_THAT(failure.what(), ContainsSubstring(reason));
        }
        CHECK(place.scst.everything() == before);
    };
    refuse([](auto& one) { one.scst.files.clear(); }, Kind::wrong_on_this_node, "path=\"/disk\"");
    refuse([](auto& one) { one.unit.handler = "vdisk_blockio"; }, Kind::wrong_on_this_node,
           "expected a block device, with the handler vdisk_blockio");
    refuse([](auto& one) { one.unit.attributes.emplace_back("naa_id", "xyz"); },
           Kind::misconfigured, "naa_id=\"xyz\"");
    refuse([](auto& one) { one.unit.attributes.emplace_back("read_only", "maybe"); },
           Kind::misconfigured, "expected attributes that SCST takes");
    refuse([](auto& one) { one.unit.target = Scst_place::iqn(Scst_place::other); }, Kind::failed,
           "expected to be started before");
    refuse([](auto& one) { one.unit.handler.clear(); }, Kind::wrong_on_this_node,
           "expected a block device or file on this node");
    refuse(
        [](auto& one) {
            one.scst.files["/dev/vdb"].is_busy = true;
            one.unit.handler = "vdisk_blockio";
            one.unit.path = Backing_path::parse("/dev/vdb");
        },
        Kind::failed, "Device or resource busy");
}

TEST_CASE("scst unit: a disk is passed through by its address") {
    Scst_place place;
    place.start();
    place.scst.load_disk_handler({"2:0:0:1", "2:0:0:2"});
    place.unit.device = "2:0:0:1";
    place.unit.handler = "dev_disk";
    place.unit.path.reset();
    place.unit.attributes.clear();
    CHECK_FALSE(place.has_unit());
    CHECK(place.start_unit() == Change::made);
    CHECK(place.start_unit() == Change::none);
    CHECK(place.unit_faults().empty());
    CHECK(place.stop_unit() == Change::made);
    CHECK_FALSE(place.has_unit());
    CHECK(place.scst.has("devices/2:0:0:1"));
}

TEST_CASE("scst unit: the values of every subsystem in SCST's words") {
    Logical_unit unit{.name = "p_lun1",
                      .target = Scst_place::iqn(Scst_place::name),
                      .lun = Lun_number::parse("1"),
                      .path = Backing_path::parse("/disk"),
                      .serial = Scsi_serial::of_resource("p_lun1")};
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(Scst_unit::of(unit).attributes ==
          Pairs{{"write_through", "1"}, {"usn", unit.serial.to_text()}});
    unit.write_cache = true;
    unit.vendor = Scsi_vendor::parse("EXAMPLE");
    unit.product = Scsi_product::parse("DISK");
    unit.block_size = Block_size::parse("4096");
    unit.serial = Scsi_serial::of_place(unit.target, unit.lun);
    unit.attributes = {Device_attribute::parse("nv_cache=1")};
    CHECK(Scst_unit::of(unit).attributes == Pairs{{"write_through", "0"},
                                                  {"blocksize", "4096"},
                                                  {"usn", unit.serial.to_text().substr(0, 20)},
                                                  {"t10_vend_id", "EXAMPLE"},
                                                  {"t10_dev_id", "DISK"},
                                                  {"nv_cache", "1"}});
    unit.serial = Scsi_serial::parse("123456789012345678901");
    CHECK_THROWS_WITH(scst_unit::check(unit), ContainsSubstring("up to 20 letters"));
}
