// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Drbd_attr_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        node.commands.on({"drbdadm", "sh-resources"}).prints("r0 r1\n");
        node.drbd.module_loaded = true;
        node.drbd.resources["r0"] = {.name = "r0",
                                     .role = drbd::Role::secondary,
                                     .volumes = {{.disk = drbd::Disk::up_to_date}}};
    }
    test::Parameters good() const override { return {}; }
    std::vector<test::Refused> refused() const override {
        return {{"dampening_delay", "soon", ocf::err_configured, "number"},
                {"dampening_delay", "-1", ocf::err_configured, "number"},
                {"attr_name_prefix", "", ocf::err_configured, "letters"},
                {"attr_name_prefix", "a b", ocf::err_configured, "letters"},
                {"attr_name_prefix", "-U", ocf::err_configured, "letters"}};
    }
    std::vector<std::string> tools() const override { return {"drbdadm"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Drbd_attr_subject>();
}
