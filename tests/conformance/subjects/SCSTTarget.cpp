// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Scst_target_subject final : public test::Subject {
public:
    void prepare(test::Node& node) override {
        node.commands.on({"modprobe", "iscsi-scst"}).does([&] { node.scst.load(); });
        node.commands.on({"iscsi-scstd"}).does([&] { node.scst.start_daemon(); });
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
    }
    test::Parameters good() const override { return {{"iqn", "iqn.2026-01.org.example:disk1"}}; }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        return {{"iqn", "disk1", err_configured, "an iSCSI name"},
                {"iqn", "iqn.2026-01.org.example:DISK", err_configured, "lower case"},
                {"portals", "10.0.0.7 nowhere", err_configured, "a portal"},
                {"portals", "10.0.0.*", err_configured, "a portal"},
                {"portals", "10.0.0.7:3261", err_configured, "no port but 3260"},
                {"allowed_initiators", "iqn.x", err_configured, "an iSCSI name"},
                {"incoming_username", "joe", err_configured, "or neither"},
                {"additional_parameters", "MaxSessions", err_configured, "MaxConnections=4"},
                {"additional_parameters", "enabled=0", err_configured, "who may log in"},
                {"additional_parameters", "IncomingUser=joe", err_configured, "who may log in"}};
    }
    std::vector<std::string> tools() const override { return {"modprobe"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Scst_target_subject>();
}
