// SPDX-License-Identifier: GPL-2.0-or-later
#include <fstream>

#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Drbd_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        std::filesystem::create_directory(node.root.path() / "etc");
        std::ofstream{node.root.path() / "etc/drbd.conf"} << "include \"drbd.d/*.res\";\n";
        const std::vector<std::string> drbdadm{"drbdadm", "-c", "/etc/drbd.conf"};
        const auto on = [&](const std::string& verb, const std::string& resource) -> auto& {
            auto argv = drbdadm;
            argv.push_back(verb);
            if (!resource.empty()) argv.push_back(resource);
            return node.commands.on(argv);
        };
        constexpr auto unknown = "'nosuch' not defined in your config (for this host).";
        on("sh-dev", "").exits(1).complains(unknown);
        on("--stacked", "").exits(1).complains(unknown);
        on("sh-dev", "r0").prints("/dev/drbd0\n");
        node.commands.on({"modinfo"}).prints("8.4.11\n");
        on("sh-mod-parms", "");
        node.commands.on({"modprobe", "drbd"}).does([&node] {
            node.drbd.module_loaded = true;
            node.files.replace("/sys/module/drbd/version", "8.4.11\n");
        });
        const auto bring_up = [&node] {
            node.drbd.resources.try_emplace(
                "r0", drbd::Resource{.name = "r0",
                                     .role = drbd::Role::secondary,
                                     .volumes = {{.disk = drbd::Disk::up_to_date}},
                                     .peers = {{.connection = drbd::Connection::connected,
                                                .role = drbd::Role::secondary,
                                                .volumes = {{.disk = drbd::Disk::up_to_date}}}}});
        };
        on("adjust", "r0").does(bring_up);
        on("--peer", "bob").does(bring_up);
    }
    test::Parameters good() const override { return {{"drbd_resource", "r0"}}; }
    std::vector<test::Refused> refused() const override {
        return {
            {"drbd_resource", "no such", ocf::err_configured, "the name of a DRBD resource"},
            {"drbd_resource", "nosuch", ocf::err_installed, "a resource of /etc/drbd.conf"},
            {"drbdconf", "/nosuch", ocf::err_installed, "a file"},
            {"adjust_master_score", "10 5 1 0", ocf::err_configured, "four numbers"},
            {"wfc_timeout", "soon", ocf::err_configured, "number"},
            {"require_drbd_module_version_ge", "9", ocf::err_configured, "a version"},
            {"require_drbd_module_version_ge", "9.0.0", ocf::err_installed,
             "a later one, not 8.4.11"},
            {"require_drbd_module_version_lt", "8.4.11", ocf::err_installed, "an earlier version"}};
    }
    std::vector<std::string> tools() const override { return {"drbdadm"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Drbd_subject>();
}
