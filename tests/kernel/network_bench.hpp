// SPDX-License-Identifier: GPL-2.0-or-later
// Where the network's contract is tried: on the fake, and on the kernel in a private network.
#pragma once

#include <fstream>
#include <vector>

#include "base/error.hpp"
#include "storage/service_address.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"
#include "support/private_network.hpp"

namespace san::test::network_bench {

using namespace std::chrono_literals;

inline const auto own = Ip::parse("10.0.0.1");
inline const auto own6 = Ip::parse("2001:db8::1");
inline const auto vip = Ip::parse("10.0.0.7");
inline const auto vip6 = Ip::parse("2001:db8::7");
inline const std::vector<std::uint8_t> everybody{255, 255, 255, 255, 255, 255};
inline const std::vector<std::uint8_t> eth0_mac{2, 0, 0, 0, 0, 1};

/// A node with lo and eth0, which has 10.0.0.1/24 and 2001:db8::1/64, and a neighbour.
class Bench {
public:
    virtual ~Bench() = default;
    virtual System& node() = 0;
    virtual void promote_secondaries(bool on) = 0;
    virtual void cut_wire() = 0;
    virtual void mend_wire() = 0;
    virtual void set_down() = 0;
    /// The neighbour takes an address.
    virtual void occupy(const Ip& ip) = 0;

    Addresses& addresses() { return node().addresses; }
    Links& links() { return node().links; }

    Link link(const std::string& name) {
        for (const auto& link : links().list())
            if (link.name == name) return link;
        return {};
    }
    Link_index eth0() { return link("eth0").index; }
    Address on_eth0(const Ip& ip, unsigned prefix) {
        return {.ip = ip, .prefix = prefix, .link = eth0()};
    }
    std::optional<Address> find(const Ip& ip) {
        for (const auto& address : addresses().list())
            if (address.ip == ip) return address;
        return {};
    }
    int errnum(const std::function<void(Bench&)>& work) {
        try {
            work(*this);
        } catch (const Error& refused) {
            return refused.errnum();
        }
        return 0;
    }
};

class Fake_bench final : public Bench {
public:
    Fake_bench() {
        node_.network.addresses.all.push_back({.ip = own6, .prefix = 64, .link = {2}});
        node_.network.routes.all.push_back(
            {.network = own6.masked(64), .prefix = 64, .link = {2}, .direct = true});
    }
    System& node() override { return node_.system; }
    void promote_secondaries(bool on) override { node_.network.addresses.promote_secondaries = on; }
    void cut_wire() override { eth0().carrier = false; }
    void mend_wire() override { eth0().carrier = true; }
    void set_down() override { eth0().up = false; }
    void occupy(const Ip& ip) override {
        node_.network.addresses.duplicates_exist = ip.family() == Family::ipv6;
        node_.network.announcer.taken.push_back(ip);
    }

private:
    Link& eth0() { return node_.network.links.all.at(1); }
    test::Node node_;
};

class Real_bench final : public Bench {
public:
    Real_bench() {
        test::ip("address add 10.0.0.1/24 dev eth0");
        test::ip("address add 2001:db8::1/64 dev eth0 nodad");
    }
    System& node() override { return system_; }
    void promote_secondaries(bool on) override {
        for (const auto* which : {"all", "eth0"})
            std::ofstream{std::string{"/proc/sys/net/ipv4/conf/"} + which + "/promote_secondaries"}
                << (on ? "1" : "0");
    }
    void cut_wire() override {
        wire_.as_neighbour([] { test::ip("link set far down"); });
    }
    void mend_wire() override {
        wire_.as_neighbour([] { test::ip("link set far up"); });
    }
    void set_down() override { test::ip("link set eth0 down"); }
    void occupy(const Ip& ip) override {
        wire_.as_neighbour([&] {
            test::ip("address add " + ip.to_text() +
                     (ip.family() == Family::ipv4 ? "/24 dev far" : "/64 dev far nodad"));
        });
    }
    test::Wire& wire() { return wire_; }

private:
    test::Wire wire_;
    std::unique_ptr<Addresses> addresses_ = make_addresses();
    std::unique_ptr<Links> links_ = make_links();
    std::unique_ptr<Routes> routes_ = make_routes();
    std::unique_ptr<Announcer> announcer_ = make_announcer();
    test::Node others_;
    System system_{.name = "alice",
                   .files = others_.files,
                   .configfs = others_.configfs,
                   .addresses = *addresses_,
                   .links = *links_,
                   .routes = *routes_,
                   .announcer = *announcer_,
                   .networks = others_.network.networks,
                   .firewall = others_.firewall,
                   .connections = others_.connections,
                   .initiator = others_.initiator,
                   .mapper = others_.mapper,
                   .drbd = others_.drbd,
                   .tgt = others_.tgt,
                   .iet = others_.iet,
                   .scst = others_.scst,
                   .commands = others_.commands,
                   .bounded = others_.bounded,
                   .background = others_.background,
                   .attributes = others_.attributes,
                   .watchers = others_.watchers,
                   .residents = others_.residents};
};

inline void with_each_bench(const std::function<void(Bench&)>& check) {
    {
        INFO("on the fake");
        Fake_bench bench;
        check(bench);
    }
    INFO("on the kernel");
    Real_bench bench;
    check(bench);
}

inline std::vector<std::string> faults(Bench& bench, const Service_address& wanted) {
    return service_address::find_faults(wanted, bench.node()).value_or(std::vector<std::string>{});
}
inline Change start(Bench& bench, const Service_address& wanted, std::chrono::seconds limit = 15s) {
    return service_address::start(wanted, bench.node(), Deadline::in(limit));
}
inline Change stop(Bench& bench, const Service_address& wanted) {
    return service_address::stop(wanted.ip, bench.node());
}

}  // namespace san::test::network_bench
