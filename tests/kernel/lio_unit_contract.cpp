// SPDX-License-Identifier: GPL-2.0-or-later
// What can be set of a unit, and when: attributes, identity and ALUA state.
#include "kernel/lio_bench.hpp"

using namespace san;
using namespace test::lio_bench;

TEST_CASE("attributes: frozen by a LUN or not, refused by value, read-only or unknown") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        make_group(configfs);
        const auto device = make_backstore(bench);
        configfs.write(device / "enable", "1");
        const auto refused = [&](const char* attribute, const char* value) {
            return bench.errnum([&](auto& fs) { fs.write(device / "attrib" / attribute, value); });
        };
        CHECK(refused("block_size", "4096") == 0);
        CHECK(configfs.find(device / "attrib/block_size") == "4096");
        CHECK(refused("block_size", "513") == EINVAL);
        CHECK(refused("emulate_tpws", "7") == EINVAL);
        CHECK(refused("hw_block_size", "512") == EACCES);
        CHECK(refused("no_such_attribute", "1") == ENOENT);
        CHECK(configfs.find(device / "wwn/vendor_id") == "LIO-ORG");
        configfs.write(device / "wwn/vendor_id", "EXAMPLE");
        CHECK(configfs.find(device / "wwn/vendor_id") == "EXAMPLE");
        configfs.make(unit_lun);
        configfs.link(unit_lun / "x", device);
        CHECK(refused("block_size", "512") == EINVAL);
        CHECK(refused("max_unmap_lba_count", "2048") == 0);
        CHECK(refused("emulate_write_cache", "0") == 0);
    });
}

TEST_CASE("a unit with attributes of its own") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        start(bench, plain_target());
        auto unit = unit_on(bench.file());
        unit.vendor = Scsi_vendor::parse("EXAMPLE");
        unit.block_size = Block_size::parse("4096");
        unit.attributes = {{"max_unmap_lba_count", "2048"}, {"no_such_attribute", "1"}};
        CHECK(start(bench, unit) == Change::made);
        CHECK(faults(bench, unit) == std::vector<std::string>{});
        const auto device = lio::backstores(name, configfs).front();
        CHECK(configfs.find(device / "attrib/block_size") == "4096");
        CHECK(configfs.find(device / "attrib/max_unmap_lba_count") == "2048");
        CHECK(configfs.find(device / "wwn/vendor_id") == "EXAMPLE");
        unit.block_size = Block_size::parse("512");
        CHECK(faults(bench, unit) == std::vector<std::string>{"block size is 4096 instead of 512"});
        stop_unit(bench);

        for (const auto& [attribute, value] :
             std::map<std::string, std::string>{{"emulate_tpws", "7"}, {"hw_block_size", "4096"}}) {
            unit.attributes = {{attribute, value}};
            CHECK_THROWS_WITH(
                start(bench, unit),
                ContainsSubstring("additional_parameters=\"" + attribute + "=" + value + "\""));
            CHECK_FALSE(logical_unit::exists(unit, configfs));
        }
    });
}

TEST_CASE("a file's write cache is what initiators are told") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        start(bench, plain_target());
        const auto direct = unit_on(bench.file());
        auto cached = direct;
        cached.write_cache = true;
        const auto told = [&] {
            return configfs.find(lio::backstores(name, configfs).front() /
                                 "attrib/emulate_write_cache");
        };
        start(bench, cached);
        CHECK(told() == "1");
        CHECK(faults(bench, cached) == std::vector<std::string>{});
        CHECK(faults(bench, direct) ==
              std::vector<std::string>{bench.file() + " is open with a write cache"});
        // What somebody else tells them afterwards loses what they flush.
        const auto device = lio::backstores(name, configfs).front();
        configfs.write(device / "attrib/emulate_write_cache", "0");
        CHECK(faults(bench, cached) == std::vector<std::string>{"write cache is 0 instead of 1"});

        CHECK(start(bench, direct) == Change::made);
        CHECK(told() == "0");
        CHECK(faults(bench, direct) == std::vector<std::string>{});
        CHECK(faults(bench, cached) ==
              std::vector<std::string>{bench.file() + " is open without a write cache"});
        CHECK(start(bench, cached) == Change::made);
        CHECK(told() == "1");
    });
}

TEST_CASE("a block device opened as a file") {
    with_each_bench([](Bench& bench) {
        start(bench, plain_target());
        auto unit = unit_on(bench.block_device());
        start(bench, unit);
        unit.type = Backing::Type::file;
        CHECK(start(bench, unit) == (bench.is_real() ? Change::made : Change::none));
        CHECK(faults(bench, unit) == std::vector<std::string>{});
        const auto stores = lio::backstores(name, bench.configfs());
        REQUIRE(stores.size() == 1);
        CHECK(stores.front().parent_path().filename().string().starts_with("fileio_"));
        stop_unit(bench);
        auto block = unit_on(bench.file());
        block.type = Backing::Type::block;
        CHECK_THROWS_WITH(start(bench, block), ContainsSubstring("liot_bstype=\"block\""));
        CHECK_FALSE(logical_unit::exists(block, bench.configfs()));
    });
}

TEST_CASE("a unit that initiators would take for another one is not made") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        start(bench, plain_target());
        auto first = unit_on(bench.file());
        first.serial = Scsi_serial::parse("lun-disk-1");
        start(bench, first);
        CHECK(configfs.find(lio::backstores(name, configfs).front() / "wwn/company_id") ==
              "0x001405");

        auto second = unit_on(bench.block_device());
        second.name = "san_contract_second";
        second.lun = Lun_number::parse("8");
        second.serial = Scsi_serial::parse("lun-dusk-1");
        try {
            start(bench, second);
            FAIL("taken");
        } catch (const Error& refused) {
            CHECK(refused.kind() == Kind::misconfigured);
            for (const auto* said : {"scsi_sn=\"lun-dusk-1\"", name, "san_contract_second",
                                     "6001405d100000000000000000000000"})
                CHECK_THAT(refused.what(), ContainsSubstring(said));
        }
        CHECK_FALSE(logical_unit::exists(second, configfs));

        // The same backstore under another number is the same disk, rightly.
        const auto again = group / "lun/lun_8";
        configfs.make(again);
        configfs.link(again / "x", lio::backstores(name, configfs).front());
        CHECK(start(bench, first) == Change::none);
        stop_unit(bench);

        // So is what a start has left that was killed.
        const auto device = make_backstore(bench);
        configfs.write(device / "enable", "1");
        configfs.write(device / "wwn/vpd_unit_serial", "lun-disk-1");
        CHECK(start(bench, first) == Change::made);
        stop_unit(bench);
        // One without a serial number has no NAA name yet.
        make_backstore(bench);
        second.lun = number;
        CHECK(start(bench, second) == Change::made);
        logical_unit::stop(second.name, {}, configfs, bench.files(), bench.bounded,
                           Deadline::in(30s));
    });
}

TEST_CASE(
    "ALUA groups: a number once, a state that initiators do not set, gone before the device") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        make_group(configfs);
        const auto device = make_backstore(bench);
        const auto own = device / "alua/own";
        const auto refused = [&](const Path& at, const char* value) {
            return bench.errnum([&](auto& fs) { fs.write(at, value); });
        };
        CHECK(configfs.find_entries(device / "alua") ==
              std::vector<std::string>{"default_tg_pt_gp"});
        CHECK(refused(device / "alua/default_tg_pt_gp/alua_access_state", "2") == ENODEV);
        configfs.write(device / "enable", "1");
        CHECK(configfs.make(own) == Change::made);
        CHECK(configfs.find(own / "tg_pt_gp_id") == "");
        CHECK(refused(own / "alua_access_state", "2") == EINVAL);
        configfs.write(own / "tg_pt_gp_id", "65535");
        CHECK(configfs.find(own / "tg_pt_gp_id") == "65535");
        CHECK(refused(own / "tg_pt_gp_id", "1") == EINVAL);
        CHECK(configfs.find(own / "alua_access_type") == "Implicit and Explicit");
        configfs.write(own / "alua_access_type", "1");
        CHECK(configfs.find(own / "alua_access_type") == "Implicit");
        for (const auto* state : {"1", "2", "3", "0", "2"}) {
            CHECK(refused(own / "alua_access_state", state) == 0);
            CHECK(configfs.find(own / "alua_access_state") == state);
        }
        CHECK(refused(own / "alua_access_state", "7") == EINVAL);

        configfs.make(unit_lun);
        CHECK(refused(unit_lun / "alua_tg_pt_gp", "own") == ENODEV);
        configfs.link(unit_lun / "x", device);
        const auto member = "iSCSI/" + iqn.to_text() + "/tpgt_1/lun_7";
        CHECK(configfs.find(device / "alua/default_tg_pt_gp/members") == member);
        CHECK(refused(unit_lun / "alua_tg_pt_gp", "other") == ENODEV);
        configfs.write(unit_lun / "alua_tg_pt_gp", "own");
        CHECK(configfs.find(own / "members") == member);
        CHECK(configfs.find(device / "alua/default_tg_pt_gp/members") == "");
        CHECK(refused(own / "alua_access_state", "0") == 0);
        CHECK(bench.errnum([&](auto& fs) { fs.remove(device / "alua/default_tg_pt_gp"); }) ==
              EPERM);

        configfs.unlink(unit_lun / "x");
        configfs.remove(unit_lun);
        CHECK(configfs.find(own / "members") == "");
        CHECK(bench.errnum([&](auto& fs) { fs.remove(device); }) == ENOTEMPTY);
        CHECK(configfs.remove(own) == Change::made);
        CHECK(configfs.remove(device) == Change::made);
    });
}

TEST_CASE("a unit in an ALUA group of its own") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        start(bench, guarded_target());
        const auto in = [&](const char* state, std::uint16_t id) {
            auto unit = unit_on(bench.file());
            unit.alua = Alua{.group = Alua_group_name::parse("san"),
                             .number = id,
                             .state = Alua_state::parse(state)};
            return unit;
        };
        const auto set_state = [&](const Logical_unit& unit) {
            return logical_unit::set_state(unit, configfs, bench.bounded, Deadline::in(30s));
        };
        const auto standby = in("standby", 2);
        CHECK(start(bench, standby) == Change::made);
        CHECK(start(bench, standby) == Change::none);
        CHECK(faults(bench, standby) == std::vector<std::string>{});
        CHECK(faults(bench, in("active", 2)) ==
              std::vector<std::string>{"ALUA state is 2 instead of 0"});
        CHECK(set_state(in("active", 2)) == Change::made);
        CHECK(set_state(in("active", 2)) == Change::none);
        CHECK(faults(bench, in("active", 2)) == std::vector<std::string>{});
        CHECK(set_state(standby) == Change::made);
        CHECK(faults(bench, standby) == std::vector<std::string>{});
        CHECK_THROWS_WITH(start(bench, in("standby", 3)),
                          ContainsSubstring("alua_group_id=\"3\": expected a free number"));

        // Somebody puts it back into the kernel's own group, which is always there.
        configfs.write(unit_lun / "alua_tg_pt_gp", "default_tg_pt_gp");
        CHECK(faults(bench, standby) == std::vector<std::string>{"ALUA group of lun_7 is missing"});
        CHECK(start(bench, standby) == Change::made);
        CHECK(faults(bench, standby) == std::vector<std::string>{});
        CHECK(stop_unit(bench) == Change::made);
        CHECK(set_state(standby) == Change::none);
        CHECK_FALSE(logical_unit::exists(standby, configfs));
    });
}
