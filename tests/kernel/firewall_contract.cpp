// SPDX-License-Identifier: GPL-2.0-or-later
// What blocks do to packets, and what becomes of connections: on the fakes, and on the kernel in a
// private network with a neighbour.
#include <cerrno>
#include <functional>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "kernel/nft_messages.hpp"
#include "support/catch.hpp"
#include "support/contract.hpp"
#include "support/fake_firewall.hpp"
#include "support/private_network.hpp"
#include "support/traffic.hpp"

using namespace san;
using test::Reply;

namespace {

const auto vip = Ip::parse("10.0.0.7");
const auto vip6 = Ip::parse("2001:db8::7");
const auto other = Ip::parse("10.0.0.8");

Block block(const std::string& name, const Ip& ip, std::uint16_t port) {
    return {.name = name, .ports = {{port, port}}, .network = {ip, ip.bits()}};
}

/// A node with three addresses on which everything listens, and a neighbour.
class Bench {
public:
    virtual ~Bench() = default;
    virtual Firewall& firewall() = 0;
    virtual Connections& connections() = 0;
    /// What the neighbour hears when it turns to a service of this node.
    virtual Reply reach(Transport transport, const Ip& ip, std::uint16_t port) = 0;
    /// As other tools do: all rules of a block, or everything.
    virtual void flush(const std::string& name) = 0;
    virtual void flush_all() = 0;
    virtual bool has_table() = 0;
    /// The neighbour connects, and the connection stays.
    virtual void connect(const Ip& ip, std::uint16_t port) = 0;
    /// Whether the neighbour's side of the connection is whole.
    virtual bool is_whole() = 0;
    /// The neighbour's address in the family.
    static Ip neighbour(const Ip& ip) {
        return Ip::parse(ip.family() == Family::ipv4 ? "10.0.0.2" : "2001:db8::2");
    }

    Change add(const std::vector<Block>& blocks) { return firewall().exchange({}, blocks); }
    Change remove(const std::vector<std::string>& names) { return firewall().exchange(names, {}); }
    Reply tcp(const Ip& ip, std::uint16_t port) { return reach(Transport::tcp, ip, port); }
};

class Fake_bench final : public Bench {
public:
    Firewall& firewall() override { return firewall_; }
    Connections& connections() override { return connections_; }
    Reply reach(Transport transport, const Ip& ip, std::uint16_t port) override {
        auto reply = Reply::answer;
        for (const auto& [name, block] : firewall_.blocks) {
            if (block.transport != transport || !block.network.contains(ip)) continue;
            for (const auto& ports : block.ports) {
                if (port < ports.first || port > ports.last) continue;
                const bool refused =
                    block.answer == Block::Answer::refusal && block.side == Block::Side::in;
                reply = refused ? Reply::refusal : Reply::silence;
            }
        }
        return reply;
    }
    void flush(const std::string& name) override { firewall_.blocks.at(name).ports.clear(); }
    void flush_all() override { firewall_.flush(); }
    bool has_table() override { return !firewall_.blocks.empty(); }
    void connect(const Ip& ip, std::uint16_t port) override {
        connections_.all.push_back({ip, port, neighbour(ip), 1});
    }
    bool is_whole() override { return !connections_.all.empty(); }

private:
    test::Fake_firewall firewall_;
    test::Fake_connections connections_;
};

class Real_bench final : public Bench {
public:
    static bool possible() { return true; }
    Real_bench() {
        for (const auto* words :
             {"address add 10.0.0.7/24 dev eth0", "address add 10.0.0.8/24 dev eth0",
              "address add 2001:db8::7/64 dev eth0 nodad"})
            test::ip(words);
        wire_.as_neighbour([] {
            test::ip("address add 10.0.0.2/24 dev far");
            test::ip("address add 2001:db8::2/64 dev far nodad");
        });
        // A question for a neighbour that is lost is asked again after a second.
        for (const auto* words : {"10.0.0.2 dev eth0", "2001:db8::2 dev eth0"})
            test::ip("neighbour add lladdr 02:00:00:00:00:02 nud permanent " + std::string{words});
        wire_.as_neighbour([] {
            for (const auto* words :
                 {"10.0.0.7 dev far", "10.0.0.8 dev far", "2001:db8::7 dev far"})
                test::ip("neighbour add lladdr 02:00:00:00:00:01 nud permanent " +
                         std::string{words});
        });
    }
    ~Real_bench() override { flush_all(); }
    Firewall& firewall() override { return *firewall_; }
    Connections& connections() override { return *connections_; }
    Reply reach(Transport transport, const Ip& ip, std::uint16_t port) override {
        const test::Service service{transport, ip, port};
        std::optional<test::Client> client;
        wire_.as_neighbour([&] { client.emplace(transport, ip, port); });
        return client->reply(service);
    }
    void flush(const std::string& name) override {
        change(nft::flush_chain("san-portblock", name));
    }
    void flush_all() override {
        if (has_table()) change(nft::remove_table("san-portblock"));
    }
    bool has_table() override {
        return netlink::Socket{NETLINK_NETFILTER}.change(
                   nft::table(nft::Table_family::inet, "san-portblock")) == 0;
    }
    void connect(const Ip& ip, std::uint16_t port) override {
        service_.emplace(Transport::tcp, ip, port);
        wire_.as_neighbour([&] { client_.emplace(Transport::tcp, ip, port); });
        REQUIRE(client_->is_answered(*service_));
    }
    bool is_whole() override { return client_->exchange(*service_) == Reply::answer; }

private:
    static void change(netlink::Request request) {
        std::vector<netlink::Request> requests;
        requests.push_back(std::move(request));
        REQUIRE(netlink::Socket{NETLINK_NETFILTER}.transact(NFNL_SUBSYS_NFTABLES, 0, requests) ==
                0);
    }
    test::Wire wire_;
    std::unique_ptr<Firewall> firewall_ = make_firewall();
    std::unique_ptr<Connections> connections_ = make_connections();
    std::optional<test::Service> service_;
    std::optional<test::Client> client_;
};

void with_each_bench(const std::function<void(Bench&)>& check) {
    test::on_fake_and_kernel<Bench, Fake_bench, Real_bench>(check);
}

}  // namespace

TEST_CASE("firewall: a block is there once, and gone without a trace") {
    with_each_bench([](Bench& bench) {
        const auto one = block("tcp_80_in", vip, 80);
        CHECK_FALSE(bench.firewall().holds(one));
        CHECK(bench.remove({"tcp_80_in"}) == Change::none);
        CHECK(bench.tcp(vip, 80) == Reply::answer);
        CHECK(bench.add({one}) == Change::made);
        CHECK(bench.add({one}) == Change::none);
        CHECK(bench.firewall().holds(one));
        CHECK(bench.tcp(vip, 80) == Reply::silence);
        CHECK(bench.tcp(vip, 81) == Reply::answer);
        CHECK(bench.tcp(other, 80) == Reply::answer);
        CHECK(bench.reach(Transport::udp, vip, 80) == Reply::answer);
        CHECK(bench.remove({"tcp_80_in"}) == Change::made);
        CHECK_FALSE(bench.firewall().holds(one));
        CHECK(bench.tcp(vip, 80) == Reply::answer);
        CHECK_FALSE(bench.has_table());
    });
}

TEST_CASE("firewall: several blocks come and go by themselves") {
    with_each_bench([](Bench& bench) {
        auto a = block("a", vip, 80);
        auto b = block("b", vip, 80);
        bench.add({a, b});
        CHECK(bench.remove({"a", "no_such_block"}) == Change::made);
        CHECK(bench.firewall().holds(b));
        CHECK(bench.tcp(vip, 80) == Reply::silence);
        CHECK(bench.firewall().exchange({"b"}, {a}) == Change::made);
        CHECK(bench.firewall().holds(a));
        CHECK_FALSE(bench.firewall().holds(b));
        bench.remove({"a"});
        CHECK(bench.tcp(vip, 80) == Reply::answer);
    });
}

TEST_CASE("firewall: lists and ranges of ports, networks, both families") {
    with_each_bench([](Bench& bench) {
        auto some = block("some", vip, 80);
        some.ports = {{80, 80}, {100, 200}, {3260, 3260}};
        some.network = Ip_network::parse("10.0.0.0/29");
        auto all6 = block("all6", vip6, 80);
        all6.network = Ip_network::parse("::/0");
        bench.add({some, all6});
        for (const auto port : {80, 100, 150, 200, 3260})
            CHECK(bench.tcp(vip, static_cast<std::uint16_t>(port)) == Reply::silence);
        for (const auto port : {79, 81, 99, 201})
            CHECK(bench.tcp(vip, static_cast<std::uint16_t>(port)) == Reply::answer);
        CHECK(bench.tcp(other, 80) == Reply::answer);
        CHECK(bench.tcp(vip6, 80) == Reply::silence);
        CHECK(bench.tcp(vip6, 100) == Reply::answer);
        bench.remove({"all6"});
        all6.network = Ip_network::parse("2001:db8::/112");
        bench.add({all6});
        CHECK(bench.tcp(vip6, 80) == Reply::silence);
    });
}

TEST_CASE("firewall: what goes out, and refusals instead of silence") {
    with_each_bench([](Bench& bench) {
        for (const auto& ip : {vip, vip6}) {
            for (const auto transport : {Transport::tcp, Transport::udp}) {
                auto one = block("one", ip, 80);
                one.transport = transport;
                one.side = Block::Side::out;
                bench.add({one});
                CHECK(bench.reach(transport, ip, 80) == Reply::silence);
                CHECK(bench.reach(transport, ip, 81) == Reply::answer);
                bench.remove({"one"});
                one.side = Block::Side::in;
                one.answer = Block::Answer::refusal;
                bench.add({one});
                CHECK(bench.reach(transport, ip, 80) == Reply::refusal);
                CHECK(bench.reach(transport, ip, 81) == Reply::answer);
                one.answer = Block::Answer::none;
                bench.add({one});
                CHECK(bench.reach(transport, ip, 80) == Reply::silence);
                bench.remove({"one"});
            }
        }
    });
}

TEST_CASE("firewall: what other tools flush is not there") {
    with_each_bench([](Bench& bench) {
        const auto one = block("one", vip, 80);
        bench.add({one});
        bench.flush("one");
        CHECK_FALSE(bench.firewall().holds(one));
        CHECK(bench.add({one}) == Change::made);
        CHECK(bench.firewall().holds(one));
        CHECK(bench.tcp(vip, 80) == Reply::silence);
        bench.flush_all();
        CHECK_FALSE(bench.firewall().holds(one));
        CHECK(bench.remove({"one"}) == Change::none);
        CHECK_FALSE(bench.has_table());
    });
}

TEST_CASE("firewall: a hundred blocks in one transaction, or none") {
    with_each_bench([](Bench& bench) {
        std::vector<Block> blocks;
        std::vector<std::string> names;
        for (std::uint16_t port = 1; port <= 100; ++port) {
            names.push_back("b" + std::to_string(port));
            blocks.push_back(block(names.back(), vip, port));
        }
        CHECK(bench.add(blocks) == Change::made);
        CHECK(bench.firewall().holds(blocks.back()));
        CHECK(bench.remove(names) == Change::made);
        CHECK_FALSE(bench.has_table());
    });
}

TEST_CASE("connections: established ones of an address, and their end") {
    with_each_bench([](Bench& bench) {
        for (const auto& ip : {vip, vip6}) {
            auto& connections = bench.connections();
            const Ip_network own{ip, ip.bits()};
            CHECK(connections.established(own).empty());
            bench.connect(ip, 80);
            const auto found = connections.established(own);
            REQUIRE(found.size() == 1);
            CHECK(found[0].local == ip);
            CHECK(found[0].local_port == 80);
            CHECK(found[0].remote == Bench::neighbour(ip));
            CHECK(connections.established(
                      own.ip.masked(0) == ip ? own : Ip_network{ip.masked(0), 0}) == found);
            CHECK(connections.established({other, 32}).empty());
            CHECK(bench.is_whole());
            CHECK(connections.end(own, 81, 90) == 0);
            CHECK(bench.is_whole());
            CHECK(connections.end(own, 79, 80) == 1);
            CHECK_FALSE(bench.is_whole());
            CHECK(connections.established(own).empty());
        }
    });
}
