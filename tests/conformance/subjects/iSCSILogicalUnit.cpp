// SPDX-License-Identifier: GPL-2.0-or-later
#include <fstream>

#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"
#include "storage/target.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class Unit_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        node.configfs.load_core();
        node.configfs.load_iscsi();
        node.configfs.make(lio::fabric);
        target::start({.iqn = Iscsi_name::parse("iqn.2026-01.org.example:disk1"),
                       .portals = {Portal::parse("0.0.0.0")}},
                      node.configfs, node.bounded, Deadline::in(10s));
        // Nothing stored.
        node.commands.on({"crm_attribute"}).exits(105);
        std::ofstream{node.root.path() / "disk"} << std::string(4096, '\0');
    }
    test::Parameters good() const override {
        return {{"target_iqn", "iqn.2026-01.org.example:disk1"}, {"lun", "1"}, {"path", "/disk"}};
    }
    test::Parameters promotable() const override { return {{"promotable", "true"}}; }
    test::Parameters of_clone() const override { return {{"alua_group_id", "alice:1 bob:2"}}; }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        return {{"implementation", "tapes", err_configured, "lio-t"},
                {"target_iqn", "disk1", err_configured, "an iSCSI name"},
                {"lun", "one", err_configured, "a number"},
                {"lun", "16384", err_configured, "16383"},
                {"path", "disk", err_configured, "absolute path"},
                {"path", "/a,b", err_configured, "without a comma"},
                {"scsi_sn", " 1", err_configured, "no blank"},
                {"product_id", "12345678901234567", err_configured, "16"},
                {"alua_group_id", "0", err_configured, "from 1 to 65535"},
                {"alua_group_id", "alice:1 bob:1", err_configured, "another number"},
                {"alua_group", "NULL", err_configured, "neither NULL"},
                {"alua_state", "2", err_configured, "standby"},
                {"alua_state", "standby", err_configured, "alua_group_id as well"},
                {"alua_unpromoted_state", "off", err_configured, "standby"},
                {"identity", "node", err_configured, "resource or cluster"},
                {"vendor_id", "123456789", err_configured, "8 printable"},
                {"emulate_tpu", "yes", err_configured, "0 or 1"},
                {"write_cache", "2", err_configured, "0 or 1"},
                {"write_cache", "", err_configured, "0 or 1"},
                {"block_size", "1000", err_configured, "512, 1024"},
                {"liot_bstype", "pscsi", err_configured, "own identity"},
                {"liot_bstype", "ramdisk", err_configured, "does not move"},
                {"liot_bstype", "tape", err_configured, "block or fileio"},
                {"additional_parameters", "emulate_tpws", err_configured, "emulate_tpws=1"},
                {"additional_parameters", "../enable=1", err_configured, "emulate_tpws=1"},
                {"additional_parameters", "block_size=512", err_configured, "of its own"},
                {"additional_parameters", "emulate_write_cache=1", err_configured, "write_cache"},
                {"force_pr_aptpl", "on", err_configured, "0 or 1"},
                {"reservations", "yes", err_configured, "keep or forget"},
                {"reservations_dir", "etc", err_configured, "absolute path"},
                {"allowed_initiators", "joe", err_configured, "an iSCSI name"}};
    }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Unit_subject>();
}
