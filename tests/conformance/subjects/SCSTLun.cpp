// SPDX-License-Identifier: GPL-2.0-or-later
#include <fstream>

#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"
#include "support/scst_place.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class Scst_unit_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        node.scst.load();
        node.scst.start_daemon();
        node.commands.on({"modprobe", "scst_vdisk"}).does([&] { node.scst.load_handlers(); });
        scst_actions::start(Target{.iqn = Iscsi_name::parse("iqn.2026-01.org.example:disk1"),
                                   .portals = {Portal::parse("0.0.0.0")}},
                            node.system, Deadline::in(10s));
        node.scst.files["/disk"] = {.bytes = 4096};
        std::ofstream{node.root.path() / "disk"} << std::string(4096, '\0');
    }
    test::Parameters good() const override {
        return {{"target_iqn", "iqn.2026-01.org.example:disk1"},
                {"lun", "0"},
                {"device_name", "lun1"},
                {"path", "/disk"}};
    }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        return {{"target_iqn", "disk1", err_configured, "an iSCSI name"},
                {"device_name", "a/b", err_configured, "without slash"},
                {"device_name", "a b", err_configured, "without slash"},
                {"device_name", std::string(65, 'a'), err_configured, "up to 64"},
                {"lun", "16384", err_configured, "16383"},
                {"lun", "", err_configured, "a number"},
                {"iscsi_lun", "1", err_configured, "the number of lun"},
                {"iscsi_enable", "perhaps", err_configured, "true"},
                {"handler", "vdisk_nullio", err_configured, "vdisk_blockio"},
                {"handler", "dev_disk", err_configured, "no path with it"},
                {"path", "disk", err_configured, "absolute path"},
                {"path", "", err_configured, "a path"},
                {"scsi_sn", "123456789012345678901", err_configured, "up to 20 letters"},
                {"additional_parameters", "nv_cache", err_configured, "nv_cache=0"},
                {"additional_parameters", "../usn=1", err_configured, "nv_cache=0"},
                {"additional_parameters", "filename=/x", err_configured, "other parameters"},
                {"additional_parameters", "nv_cache=0;usn=1", err_configured, "nv_cache=0"},
                {"wait_timeout", "soon", err_configured, "a whole number"}};
    }
    std::vector<std::string> tools() const override { return {"modprobe"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Scst_unit_subject>();
}
