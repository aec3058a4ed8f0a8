// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subjects/lvm_subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Subject_of_lvm final : public test::Lvm_subject {
public:
    test::Parameters good() const override { return {{"volgrpname", "vg_san"}}; }
    std::vector<test::Refused> refused() const override {
        return {{"volgrpname", "-vg", ocf::err_configured, "a volume group name"},
                {"volgrpname", "vg/lv", ocf::err_configured, "a volume group name"},
                {"volgrpname", "", ocf::err_configured, "a value"},
                {"vgname", "vg_other", ocf::err_configured, "the same as volgrpname"},
                {"lvname", "a/b", ocf::err_configured, "a logical volume name"},
                {"vg_access_mode", "clvmd", ocf::err_configured, "system_id"},
                {"activation_mode", "both", ocf::err_configured, "exclusive or shared"},
                {"tag", "a b", ocf::err_configured, "a tag"}};
    }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Subject_of_lvm>();
}
