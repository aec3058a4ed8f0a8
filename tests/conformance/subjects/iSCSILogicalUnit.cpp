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
        std::ofstream{node.root.path() / "disk"} << std::string(4096, '\0');
    }
    test::Parameters good() const override {
        return {{"target_iqn", "iqn.2026-01.org.example:disk1"}, {"lun", "1"}, {"path", "/disk"}};
    }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        return {{"implementation", "iet", err_configured, "lio-t"},
                {"target_iqn", "disk1", err_configured, "an iSCSI name"},
                {"lun", "one", err_configured, "a number"},
                {"lun", "16384", err_configured, "16383"},
                {"path", "disk", err_configured, "absolute path"},
                {"path", "/a,b", err_configured, "without a comma"},
                {"scsi_sn", " 1", err_configured, "no blank"},
                {"product_id", "12345678901234567", err_configured, "16"},
                {"emulate_tpu", "yes", err_configured, "0 or 1"},
                {"allowed_initiators", "joe", err_configured, "an iSCSI name"}};
    }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Unit_subject>();
}
