// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Ports_subject final : public test::Subject {
public:
    void prepare(test::Node&) override {}
    test::Parameters good() const override {
        return {{"ip", "10.0.0.7"}, {"protocol", "tcp"}, {"portno", "3260"}, {"action", "block"}};
    }
    test::Parameters promotable() const override {
        return {{"promotable", "true"}, {"promoted_max", "1"}};
    }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        const std::string ports = "port numbers from 1 to 65535";
        std::string many = "1";
        for (int port = 3; port < 40; port += 2) many += "," + std::to_string(port);
        return {{"protocol", "TCP", err_configured, "tcp or udp"},
                {"protocol", "6", err_configured, "tcp or udp"},
                {"portno", "iscsi", err_configured, ports},
                {"portno", "0", err_configured, ports},
                {"portno", "65536", err_configured, ports},
                {"portno", "000080", err_configured, ports},
                {"portno", "80,", err_configured, ports},
                {"portno", ",80", err_configured, ports},
                {"portno", "80, 443", err_configured, ports},
                {"portno", "200:100", err_configured, ports},
                {"portno", "1:2:3", err_configured, ports},
                {"portno", "-1", err_configured, ports},
                {"portno", many, err_configured, "at most 16"},
                {"action", "open", err_configured, "block or unblock"},
                {"method", "DROP", err_configured, "drop or reject"},
                {"status_check", "maybe", err_configured, "rule or pseudo"},
                {"firewall", "ufw", err_configured, "auto, nft or iptables"},
                {"ip", "10.0.0.256", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "10.0.0.0/33", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "10.0.0.0/", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "san.example.org", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "", err_configured, "an IPv4 or IPv6 address"},
                {"tickle_dir", "tickles", err_configured, "the absolute path of a directory"},
                {"tickle_dir", "/tmp", err_configured, "none, or action=unblock"},
                {"reset_local_on_unblock_stop", "yes", err_configured, "action=unblock"},
                {"direction", "up", err_configured, "in, out or both"}};
    }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Ports_subject>();
}
