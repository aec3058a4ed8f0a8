// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Target_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        node.commands.on({"modprobe", "target_core_mod"}).does([&] { node.configfs.load_core(); });
        node.commands.on({"modprobe", "iscsi_target_mod"}).does([&] {
            node.configfs.load_iscsi();
        });
    }
    test::Parameters good() const override { return {{"iqn", "iqn.2026-01.org.example:disk1"}}; }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        return {
            {"iqn", "disk1", err_configured, "an iSCSI name"},
            {"iqn", "iqn.2026-01.org.example:DISK", err_configured, "lower case"},
            {"iqn", "iqn.2026-13.org.example:disk", err_configured, "an iSCSI name"},
            {"iqn", "iqn.2026-01.org.example:a_b", err_configured, "an iSCSI name"},
            {"iqn", "iqn.2026-01.org.example:a b", err_configured, "an iSCSI name"},
            {"iqn", "iqn.2026-01.org.example/..", err_configured, "an iSCSI name"},
            {"iqn", "naa.62004567ba64678d", err_configured, "an iSCSI name"},
            {"iqn", "eui.02004567a425678", err_configured, "an iSCSI name"},
            {"iqn", "iqn.2026-01.org.example:" + std::string(200, 'a'), err_configured,
             "an iSCSI name"},
            {"implementation", "tapes", err_configured, "lio-t"},
            {"portals", "10.0.0.7:3260 10.0.0.8:0", err_configured, "a portal"},
            {"portals", "", err_configured, "at least one portal"},
            {"allowed_initiators", "iqn.x", err_configured, "an iSCSI name"},
            {"incoming_username", "joe", err_configured, "or neither"},
            {"incoming_password_file", "secret", err_configured, "absolute path"},
            {"outgoing_username", "san", err_configured, "or neither"},
            {"discovery_username", "finder", err_configured, "or neither"},
            {"additional_parameters", "MaxConnections", err_configured, "MaxConnections=4"},
            {"additional_parameters", "../enable=1", err_configured, "MaxConnections=4"},
            {"additional_parameters", "authentication=0", err_configured, "incoming_username"},
            {"additional_parameters", "generate_node_acls=1", err_configured, "allowed_initiators"},
            {"rtpi", "0", err_configured, "from 1 to 65535"},
            {"iser_portals", "10.0.0.7:3260", err_configured, "one of portals"},
            {"iser_portals", "0.0.0.0:3260", ocf::err_args, "an RDMA device"}};
    }
    std::vector<std::string> tools() const override { return {"modprobe"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Target_subject>();
}
