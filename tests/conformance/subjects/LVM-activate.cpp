// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subjects/lvm_subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Subject_of_lvm_activate final : public test::Lvm_subject {
public:
    void prepare(test::Node& node) override {
        lvm.own_system_id = "alice";
        lvm.system_id = "alice";
        Lvm_subject::prepare(node);
    }
    test::Parameters good() const override {
        return {{"vgname", "vg_san"}, {"vg_access_mode", "system_id"}};
    }
    std::vector<test::Refused> refused() const override {
        return {{"vgname", "-vg", ocf::err_configured, "a volume group name"},
                {"vg_access_mode", "clvmd", ocf::err_configured, "system_id"},
                {"tag", "", ocf::err_configured, "a tag"}};
    }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Subject_of_lvm_activate>();
}
