// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Lvm_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        node.commands.on({"vgs"}).exits(5).complains("Volume group \"vg_other\" not found");
        node.commands.on({"vgs", "--noheadings", "-o", "vg_missing_pv_count", "vg_san"})
            .prints("      0\n");
        node.commands.on({"vgchange", "-ay", "vg_san"}).does([&node] {
            if (node.mapper.list.empty())
                node.mapper.list = {{.name = "vg_san-lun1",
                                     .uuid = "LVM-1",
                                     .number = {253, 0},
                                     .has_live_table = true,
                                     .table = {{"linear", "147:0 2048"}}}};
        });
        node.commands.on({"vgchange", "-an", "vg_san"}).does([&node] { node.mapper.list.clear(); });
    }
    test::Parameters good() const override { return {{"volgrpname", "vg_san"}}; }
    std::vector<test::Refused> refused() const override {
        return {{"volgrpname", "-vg", ocf::err_configured, "a volume group name"},
                {"volgrpname", "vg/lv", ocf::err_configured, "a volume group name"}};
    }
    std::vector<std::string> tools() const override { return {"vgs", "vgchange"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() { return std::make_unique<Lvm_subject>(); }
