// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Address_subject final : public test::Subject {
public:
    void prepare(test::Node&) override {}
    test::Parameters good() const override {
        return {{"ip", "10.0.0.7"}, {"cidr_netmask", "24"}, {"nic", "eth0"}};
    }
    std::vector<test::Refused> refused() const override {
        using ocf::err_args;
        using ocf::err_configured;
        return {{"ip", "10.0.0.256", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "10.0.0.7/24", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "2001:db8::g", err_configured, "an IPv4 or IPv6 address"},
                {"ip", "0.0.0.0", err_configured, "the address of one host"},
                {"ip", "224.0.0.1", err_configured, "the address of one host"},
                {"cidr_netmask", "33", err_configured, "0 to 32"},
                {"cidr_netmask", "-1", err_configured, "a prefix length"},
                {"cidr_netmask", "255.0.255.0", err_configured, "a prefix length"},
                {"nic", "eth0/1", err_configured, "the name of an interface"},
                {"nic", "eth9", err_args, "an interface of this node (lo, eth0)"},
                {"broadcast", "10.0.0", err_configured, "an IPv4 address, + or -"},
                {"iflabel", "elevenchars", err_configured, "at most 15 characters"},
                {"netmask", "33x", err_configured, "a prefix length"},
                {"proto", "carrier pigeon", err_configured, "the protocol of a route"},
                {"proto", "pigeon", err_args, "a name in rt_protos"},
                {"preferred_lft", "", err_configured, "forever"},
                {"preferred_lft", "never", err_configured, "forever"},
                {"lvs_ipv6_addrlabel_value", "-1", err_configured, "a whole number"},
                {"network_namespace", "../1", err_configured, "a network namespace"},
                {"network_namespace", "absent", err_args, "a network namespace of this node"},
                {"arp_sender", "pigeon", err_configured, "send_arp"},
                {"monitor_retries", "-1", err_configured, "0 or a number above"},
                {"arp_count_refresh", "-1", err_configured, "0 or a number above"},
                {"unique_clone_address", "true", err_configured, "globally-unique=true"},
                {"arp_count", "0", err_configured, "a number above 0"},
                {"arp_interval", "often", err_configured, "a whole number"}};
    }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Address_subject>();
}
