// SPDX-License-Identifier: GPL-2.0-or-later
// What LIO makes of registrations that it is given back, and what our starts rely on.
#include "kernel/lio_bench.hpp"
#include "kernel/lio_cut_off.hpp"

using namespace san;
using namespace test::lio_bench;

namespace {

/// A registration that holds the reservation, as the kernel is given it.
std::string held_by(const Iscsi_name& holder) {
    return "initiator_fabric=iSCSI,initiator_node=" + holder.to_text() +
           ",initiator_sid=8000000a0000,sa_res_key=161,res_holder=1,res_type=01,res_scope=00,"
           "res_all_tg_pt=0,mapped_lun=7,target_fabric=iSCSI,target_node=" +
           iqn.to_text() + ",tpgt=1,port_rtpi=1,target_lun=7";
}

}  // namespace

TEST_CASE("registrations: taken until the LUN is linked, real for whom the unit is shown to") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        make_group(configfs);
        const auto device = make_backstore(bench);
        configfs.write(device / "enable", "1");
        configfs.write(device / "wwn/vpd_unit_serial", "0123abcd");
        configfs.write(device / "attrib/force_pr_aptpl", "1");
        const auto metadata = device / "pr/res_aptpl_metadata";
        const auto registered = [&] {
            return configfs.find(device / "pr/res_pr_registered_i_pts").value();
        };
        const auto refused = [&](const std::string& text) {
            return bench.errnum([&](auto& fs) { fs.write(metadata, text); });
        };
        for (const auto* bad : {"sa_res_key=1,target_node=t", "sa_res_key=1,initiator_node=i",
                                "initiator_node=i,target_node=t,sa_res_key=0",
                                "initiator_node=i,target_node=t,sa_res_key=1,res_holder=1"})
            CHECK(refused(bad) == EINVAL);
        CHECK(refused(held_by(initiator)) == 0);
        CHECK_THAT(registered(), ContainsSubstring("None"));

        configfs.make(unit_lun);
        configfs.link(unit_lun / "x", device);
        for (const auto* frozen : {"pr/res_aptpl_metadata", "attrib/force_pr_aptpl"})
            CHECK(bench.errnum([&](auto& fs) { fs.write(device / frozen, "1"); }) == EINVAL);
        const auto mapped = group / "acls" / initiator.to_text() / "lun_7";
        configfs.make(mapped.parent_path());
        configfs.make(mapped);
        CHECK_THAT(registered(), ContainsSubstring("None"));
        configfs.link(mapped / "x", unit_lun);
        CHECK_THAT(registered(),
                   ContainsSubstring(" " + initiator.to_text() + ",i,0x8000000a0000 "));
        configfs.unlink(mapped / "x");
        CHECK_THAT(registered(), ContainsSubstring("None"));
    });
}

TEST_CASE("a unit with registrations: in force at once, whomever the target admits") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        auto open_to_joe = guarded_target();
        open_to_joe.initiators = {};
        for (const auto& target : {plain_target(), open_to_joe, guarded_target()}) {
            const bool open = target.initiators.empty();
            start(bench, target);
            auto unit = unit_on(bench.file());
            unit.registrations = Registrations::parse_line(held_by(initiator));
            CHECK(start(bench, unit) == Change::made);
            CHECK(faults(bench, unit) == std::vector<std::string>{});
            CHECK(faults(bench, target) == std::vector<std::string>{});
            const auto device = logical_unit::find_linked(unit, configfs).value();
            CHECK_THAT(configfs.find(device / "pr/res_pr_registered_i_pts").value(),
                       ContainsSubstring(" " + initiator.to_text() + ",i,"));
            const auto acl = group / "acls" / initiator.to_text();
            CHECK(configfs.find(acl / "tag") ==
                  (open ? lio::registered_tag : lio::target_list_tag));

            if (target.credentials) {
                CHECK(configfs.find(acl / "auth/userid") == "joe");
                auto other = target;
                other.credentials->initiator = {"jim", Secret{"a secret of jim"}};
                CHECK(start(bench, other) == Change::made);
                CHECK(configfs.find(acl / "auth/userid") == "jim");
                CHECK(configfs.find(acl / "auth/password") == "a secret of jim");
                start(bench, target);
            }

            // The initiator shall see the target's other units as before.
            auto second = unit_on(bench.block_device());
            second.name = "san_contract_second";
            second.serial = Scsi_serial::of_resource(second.name);
            second.lun = Lun_number::parse("8");
            start(bench, second);
            CHECK(configfs.find_link(acl / "lun_8/san_contract_second") ==
                  logical_unit::place(iqn, second.lun));
            CHECK(faults(bench, second) == std::vector<std::string>{});

            stop_unit(bench);
            CHECK(configfs.find_entries(acl));
            logical_unit::stop(second.name, {}, configfs, bench.files(), bench.bounded,
                               Deadline::in(30s));
            CHECK(configfs.find_entries(acl).has_value() == !open);
            stop_target(bench);
        }
    });
}

TEST_CASE("a unit with registrations that a killed start has half made: none is there twice") {
    with_each_bench([](Bench& bench) {
        auto& configfs = bench.configfs();
        start(bench, plain_target());
        auto unit = unit_on(bench.file());
        unit.registrations = Registrations::parse_line(held_by(initiator));
        for (int changes = 0;; ++changes) {
            INFO("after " << changes << " changes");
            const bool cut = killed(bench, changes, [&](Configfs& cut_off) {
                logical_unit::start(unit, cut_off, bench.files(), bench.bounded, Deadline::in(30s));
            });
            start(bench, unit);
            const auto device = logical_unit::find_linked(unit, configfs).value();
            const auto text = configfs.find(device / "pr/res_pr_registered_i_pts").value();
            const auto first = text.find(initiator.to_text());
            REQUIRE(first != std::string::npos);
            CHECK(text.find(initiator.to_text(), first + 1) == std::string::npos);
            stop_unit(bench);
            if (!cut) break;
        }
    });
}
