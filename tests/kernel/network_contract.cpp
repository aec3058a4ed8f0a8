// SPDX-License-Identifier: GPL-2.0-or-later
// What rtnetlink does with addresses, links and routes, and what a service address makes of it: on
// the fake, and on the kernel in a private network.
#include <algorithm>
#include <arpa/inet.h>
#include <fstream>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "storage/service_address.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"
#include "support/private_network.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

const auto own = Ip::parse("10.0.0.1");
const auto own6 = Ip::parse("2001:db8::1");
const auto vip = Ip::parse("10.0.0.7");
const auto vip6 = Ip::parse("2001:db8::7");

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
                   .commands = others_.commands,
                   .bounded = others_.bounded,
                   .background = others_.background,
                   .attributes = others_.attributes,
                   .watchers = others_.watchers,
                   .residents = others_.residents};
};

void with_each_bench(const std::function<void(Bench&)>& check) {
    {
        INFO("on the fake");
        Fake_bench bench;
        check(bench);
    }
    INFO("on the kernel");
    Real_bench bench;
    check(bench);
}

std::vector<std::string> faults(Bench& bench, const Service_address& wanted) {
    return service_address::find_faults(wanted, bench.node()).value_or(std::vector<std::string>{});
}
Change start(Bench& bench, const Service_address& wanted, std::chrono::seconds limit = 15s) {
    return service_address::start(wanted, bench.node(), Deadline::in(limit));
}
Change stop(Bench& bench, const Service_address& wanted) {
    return service_address::stop(wanted.ip, bench.node());
}

/// What the neighbour hears.
class Ear {
public:
    explicit Ear(test::Wire& wire) {
        wire.as_neighbour([this] {
            socket_ = Fd::adopt(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)));
            sockaddr_ll far{};
            far.sll_family = AF_PACKET;
            far.sll_protocol = htons(ETH_P_ALL);
            far.sll_ifindex = static_cast<int>(::if_nametoindex("far"));
            REQUIRE(::bind(socket_.raw(), reinterpret_cast<sockaddr*>(&far), sizeof far) == 0);
        });
    }
    using Frame = std::vector<std::uint8_t>;

    /// The next frame from eth0 that is one of those; nothing when none came in time.
    std::optional<Frame> next(const std::function<bool(const Frame&)>& wanted,
                              std::chrono::milliseconds limit) {
        const auto deadline = Deadline::in(limit);
        for (;;) {
            pollfd ready{socket_.raw(), POLLIN, 0};
            if (::poll(&ready, 1, static_cast<int>(deadline.left().count())) <= 0) return {};
            Frame frame(2048);
            sockaddr_ll from{};
            socklen_t size = sizeof from;
            const auto got = ::recvfrom(socket_.raw(), frame.data(), frame.size(), 0,
                                        reinterpret_cast<sockaddr*>(&from), &size);
            frame.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (from.sll_pkttype != PACKET_OUTGOING && wanted(frame)) return frame;
        }
    }

private:
    Fd socket_;
};

bool has(const Ear::Frame& frame, std::size_t at, const std::vector<std::uint8_t>& bytes) {
    return frame.size() >= at + bytes.size() &&
           std::equal(bytes.begin(), bytes.end(), frame.begin() + static_cast<std::ptrdiff_t>(at));
}

const std::vector<std::uint8_t> everybody{255, 255, 255, 255, 255, 255};
const std::vector<std::uint8_t> eth0_mac{2, 0, 0, 0, 0, 1};
const std::vector<std::uint8_t> vip_bytes{10, 0, 0, 7};

/// Ethernet, then ARP (RFC 826): who says it, and about which address.
bool is_announcement(const Ear::Frame& frame, std::uint8_t operation) {
    return has(frame, 0, everybody) && has(frame, 6, eth0_mac) && has(frame, 12, {8, 6}) &&
           has(frame, 14, {0, 1, 8, 0, 6, 4, 0, operation}) && has(frame, 22, eth0_mac) &&
           has(frame, 28, vip_bytes) && has(frame, 38, vip_bytes);
}

}  // namespace

TEST_CASE("addresses: added once, listed as added, removed exactly") {
    with_each_bench([](Bench& bench) {
        auto address = bench.on_eth0(vip, 24);
        address.broadcast = Ip::parse("10.0.0.255");
        CHECK(bench.addresses().add(address) == Change::made);
        CHECK(bench.addresses().add(address) == Change::none);
        address.label = "eth0";
        CHECK(bench.find(vip) == address);
        CHECK(bench.addresses().remove(bench.on_eth0(vip, 32)) == Change::none);
        CHECK(bench.addresses().remove(bench.on_eth0(vip, 24)) == Change::made);
        CHECK(bench.addresses().remove(bench.on_eth0(vip, 24)) == Change::none);
        CHECK_FALSE(bench.find(vip));
        CHECK(bench.find(own));

        address.label = "eth0:vip";
        CHECK(bench.addresses().add(address) == Change::made);
        CHECK(bench.find(vip)->label == "eth0:vip");
    });
}

TEST_CASE("addresses: two prefix lengths of one IPv4 address are two, of IPv6 a collision") {
    with_each_bench([](Bench& bench) {
        auto& addresses = bench.addresses();
        addresses.add(bench.on_eth0(vip, 24));
        CHECK(addresses.add(bench.on_eth0(vip, 32)) == Change::made);
        CHECK(addresses.remove(bench.on_eth0(vip, 24)) == Change::made);
        CHECK(bench.find(vip)->prefix == 32);
        addresses.add(bench.on_eth0(vip6, 64));
        CHECK(bench.errnum([](Bench& on) { on.addresses().add(on.on_eth0(vip6, 128)); }) == EEXIST);
    });
}

TEST_CASE("addresses: asked for one, the places of that one") {
    with_each_bench([](Bench& bench) {
        auto& addresses = bench.addresses();
        const auto lo = bench.link("lo").index;
        for (const auto& ip : {vip, vip6}) {
            CHECK(addresses.list(ip).empty());
            addresses.add(bench.on_eth0(ip, ip.bits()));
            addresses.add({.ip = ip, .prefix = ip.bits(), .link = lo});
            const auto places = addresses.list(ip);
            REQUIRE(places.size() == 2);
            CHECK(std::all_of(places.begin(), places.end(),
                              [&](const Address& place) { return place.ip == ip; }));
            CHECK((places[0].link == lo) != (places[1].link == lo));
        }
        CHECK(addresses.list(own).size() == 1);
    });
}

TEST_CASE("addresses: none on a link that is gone") {
    with_each_bench([](Bench& bench) {
        const Address nowhere{.ip = vip, .prefix = 24, .link = {9999}};
        CHECK(bench.errnum([&](Bench& on) { on.addresses().add(nowhere); }) == ENODEV);
        CHECK(bench.addresses().remove(nowhere) == Change::none);
    });
}

TEST_CASE("addresses: the first of a network takes the others along, unless told not to") {
    with_each_bench([](Bench& bench) {
        for (const bool promote : {true, false}) {
            bench.promote_secondaries(promote);
            bench.addresses().add(bench.on_eth0(own, 24));
            bench.addresses().add(bench.on_eth0(vip, 24));
            CHECK(bench.addresses().remove(bench.on_eth0(own, 24)) == Change::made);
            CHECK(bench.find(vip).has_value() == promote);
            bench.addresses().remove(bench.on_eth0(vip, 24));
        }
    });
}

TEST_CASE("addresses: IPv6 is tentative until nobody answered for it") {
    with_each_bench([](Bench& bench) {
        bench.addresses().add(bench.on_eth0(vip6, 64));
        CHECK(bench.find(vip6)->tentative);
        const auto settled = bench.addresses().settled(bench.on_eth0(vip6, 64), Deadline::in(15s));
        REQUIRE(settled);
        CHECK_FALSE(settled->tentative);
        CHECK_FALSE(settled->duplicate_found);
        CHECK_FALSE(bench.addresses().settled(bench.on_eth0(Ip::parse("2001:db8::8"), 64),
                                              Deadline::in(15s)));
    });
}

TEST_CASE("addresses: IPv6 that the neighbour has is a duplicate") {
    with_each_bench([](Bench& bench) {
        bench.occupy(vip6);
        bench.addresses().add(bench.on_eth0(vip6, 64));
        const auto settled = bench.addresses().settled(bench.on_eth0(vip6, 64), Deadline::in(15s));
        REQUIRE(settled);
        CHECK(settled->duplicate_found);
    });
}

TEST_CASE("addresses: without detection, without a route, and not as a source") {
    with_each_bench([](Bench& bench) {
        auto address = bench.on_eth0(vip6, 64);
        address.no_detection = true;
        address.no_prefix_route = true;
        address.preferred = 0;
        CHECK(bench.addresses().add(address) == Change::made);
        const auto found = bench.find(vip6);
        REQUIRE(found);
        CHECK_FALSE(found->tentative);
        CHECK(found->no_detection);
        CHECK(found->no_prefix_route);
        CHECK(found->preferred == 0U);
        CHECK_FALSE(bench.find(own6)->preferred);
        address.ip = vip;
        address.prefix = 16;
        address.no_detection = false;
        address.preferred.reset();
        CHECK(bench.addresses().add(address) == Change::made);
        CHECK(bench.find(vip)->no_prefix_route);
    });
}

TEST_CASE("addresses: one more of the loopback network") {
    with_each_bench([](Bench& bench) {
        const auto lo = bench.link("lo").index;
        const Address local{.ip = Ip::parse("127.0.0.3"), .prefix = 8, .link = lo};
        CHECK(bench.addresses().add(local) == Change::made);
        CHECK(bench.addresses().remove(local) == Change::made);
    });
}

TEST_CASE("addresses: the label for the choice of sources is one") {
    with_each_bench([](Bench& bench) {
        auto& addresses = bench.addresses();
        CHECK(addresses.remove_source_label(vip6) == Change::none);
        CHECK(addresses.add_source_label(vip6, 99) == Change::made);
        CHECK(addresses.add_source_label(vip6, 98) == Change::none);
        CHECK(addresses.remove_source_label(vip6) == Change::made);
        CHECK(addresses.remove_source_label(vip6) == Change::none);
    });
}

TEST_CASE("links: eth0 and lo, up and down, with and without a carrier") {
    with_each_bench([](Bench& bench) {
        CHECK(bench.link("lo").loopback);
        const auto eth0 = bench.link("eth0");
        CHECK(eth0.up);
        CHECK(eth0.has_neighbours);
        CHECK(eth0.hardware == eth0_mac);
        CHECK(eth0.broadcast == everybody);
        CHECK(eth0.hardware_type == 1);
        REQUIRE(bench.links().find(eth0.index));
        CHECK(bench.links().find(eth0.index)->name == "eth0");
        CHECK_FALSE(bench.links().find({9999}));
        CHECK(bench.links().connected(eth0.index, Deadline::in(10s)));
        CHECK(bench.links().set_up(eth0.index) == Change::none);
        bench.set_down();
        CHECK_FALSE(bench.link("eth0").up);
        CHECK_FALSE(bench.links().connected(eth0.index, Deadline::in(0s)));
        CHECK(bench.links().set_up(eth0.index) == Change::made);
        CHECK(bench.links().connected(eth0.index, Deadline::in(10s)));
        bench.cut_wire();
        CHECK_FALSE(bench.links().connected(eth0.index, Deadline::in(100ms)));
        CHECK(bench.errnum([](Bench& on) { on.links().set_up({9999}); }) == ENODEV);
    });
}

TEST_CASE("links: alternative names are names") {
    const Real_bench bench;
    test::ip("link property add dev eth0 altname storage-network-of-this-node");
    const Service_address wanted{.ip = vip, .nic = Nic_name::parse("storage-network-of-this-node")};
    const auto links = make_links()->list();
    const auto place = service_address::place(wanted, links, make_routes()->list(Family::ipv4));
    CHECK(place.link.value == static_cast<int>(::if_nametoindex("eth0")));
}

TEST_CASE("routes: direct ones lead to a link, those with a gateway do not count") {
    const Real_bench bench;
    test::ip("route add 10.9.0.0/16 via 10.0.0.254 dev eth0");
    test::ip("route add 10.8.0.0/16 dev eth0 metric 7 src 10.0.0.1");
    test::ip("route add unreachable 10.7.0.0/16");
    test::ip("route add 10.6.0.0/16 dev eth0 table 99");
    const auto routes = make_routes()->list(Family::ipv4);
    const auto find = [&](const char* network) -> std::optional<Route> {
        for (const auto& route : routes)
            if (route.network == Ip::parse(network) && route.prefix == 16) return route;
        return {};
    };
    REQUIRE(find("10.9.0.0"));
    CHECK_FALSE(find("10.9.0.0")->direct);
    REQUIRE(find("10.8.0.0"));
    CHECK(find("10.8.0.0")->direct);
    CHECK(find("10.8.0.0")->metric == 7);
    CHECK(find("10.8.0.0")->source == own);
    CHECK(find("10.8.0.0")->protocol == Route_protocol::parse("boot").number);
    CHECK(routes.front().protocol == Route_protocol::parse("kernel").number);
    CHECK_FALSE(find("10.7.0.0"));
    CHECK_FALSE(find("10.6.0.0"));
}

TEST_CASE("a service address: started where it is when its route has gone") {
    Real_bench bench;
    auto& node = bench.node();
    const Service_address wanted{.ip = vip};
    const auto limit = Deadline::in(15s);
    CHECK(service_address::start(wanted, node, limit) == Change::made);
    test::ip("route flush dev eth0");
    CHECK(service_address::start(wanted, node, limit) == Change::none);
    CHECK(service_address::find_faults(wanted, node) == std::vector<std::string>{});
    CHECK(service_address::stop(vip, node) == Change::made);
    CHECK_THROWS_AS(service_address::start(wanted, node, limit), Error);
}

TEST_CASE(
    "a service address: placed by its route, started, started again, stopped, stopped again") {
    with_each_bench([](Bench& bench) {
        for (const auto& ip : {vip, vip6}) {
            const Service_address wanted{.ip = ip};
            CHECK(start(bench, wanted) == Change::made);
            CHECK(faults(bench, wanted).empty());
            const auto address = bench.find(ip);
            REQUIRE(address);
            CHECK(address->link == bench.eth0());
            CHECK(address->prefix == (ip == vip ? 24 : 64));
            CHECK_FALSE(address->tentative);
            CHECK(start(bench, wanted) == Change::none);
            CHECK(stop(bench, wanted) == Change::made);
            CHECK(stop(bench, wanted) == Change::none);
            CHECK_FALSE(bench.find(ip));
        }
        CHECK(bench.find(own));
        CHECK(bench.find(own6));
    });
}

TEST_CASE("a service address moves to the prefix length that was asked for last") {
    with_each_bench([](Bench& bench) {
        for (const auto& ip : {vip, vip6}) {
            Service_address wanted{.ip = ip, .prefix = Prefix_length{30}};
            start(bench, wanted);
            wanted.prefix = Prefix_length{28};
            CHECK(faults(bench, wanted) ==
                  std::vector<std::string>{"its prefix length is 30 instead of 28"});
            CHECK(start(bench, wanted) == Change::made);
            CHECK(faults(bench, wanted).empty());
            stop(bench, wanted);
        }
    });
}

TEST_CASE("stop leaves the other addresses of the network alone") {
    with_each_bench([](Bench& bench) {
        bench.promote_secondaries(false);
        bench.addresses().remove(bench.on_eth0(own, 24));
        auto second = bench.on_eth0(Ip::parse("10.0.0.8"), 24);
        second.broadcast = Ip::parse("10.0.0.255");
        second.label = "eth0:two";
        bench.addresses().add(bench.on_eth0(vip, 24));
        bench.addresses().add(second);
        CHECK(stop(bench, {.ip = vip}) == Change::made);
        CHECK(bench.find(second.ip) == second);
    });
}

TEST_CASE("stop finds the address on any link") {
    with_each_bench([](Bench& bench) {
        const auto lo = bench.link("lo").index;
        bench.addresses().add({.ip = vip, .prefix = 32, .link = lo});
        bench.addresses().add(bench.on_eth0(vip, 24));
        CHECK(faults(bench, {.ip = vip}) ==
              std::vector<std::string>{"it is on this node more than once",
                                       "it is on lo, which no neighbour reaches"});
        CHECK(stop(bench, {.ip = vip}) == Change::made);
        CHECK_FALSE(bench.find(vip));
    });
}

TEST_CASE("a link that is down is set up, one without a carrier refused and a fault") {
    with_each_bench([](Bench& bench) {
        const Service_address wanted{
            .ip = vip, .nic = Nic_name::parse("eth0"), .prefix = Prefix_length{24}};
        bench.set_down();
        CHECK(start(bench, wanted) == Change::made);
        bench.cut_wire();
        CHECK(faults(bench, wanted) == std::vector<std::string>{"interface eth0 has no carrier"});
        CHECK(stop(bench, wanted) == Change::made);
        CHECK_THROWS_WITH(start(bench, wanted), ContainsSubstring("eth0 has no carrier"));
        CHECK_FALSE(bench.find(vip));
        bench.mend_wire();
        REQUIRE(bench.links().connected(bench.eth0(), Deadline::in(10s)));
        CHECK(start(bench, wanted) == Change::made);
        bench.set_down();
        CHECK_THAT(faults(bench, wanted).at(0), ContainsSubstring("eth0 is down"));
    });
}

TEST_CASE("an address that another node has does not stay here") {
    with_each_bench([](Bench& bench) {
        bench.occupy(vip6);
        CHECK_THROWS_WITH(start(bench, {.ip = vip6}),
                          ContainsSubstring("used by another node of the network"));
        CHECK_FALSE(bench.find(vip6));
    });
}

TEST_CASE("an IPv4 address that a neighbour answers for is not taken, if it was asked") {
    with_each_bench([](Bench& bench) {
        bench.occupy(vip);
        CHECK_THROWS_WITH(start(bench, {.ip = vip, .ask_neighbours = true}),
                          ContainsSubstring("it answers ARP"));
        CHECK_FALSE(bench.find(vip));
        const Service_address free{.ip = Ip::parse("10.0.0.9"), .ask_neighbours = true};
        CHECK(start(bench, free) == Change::made);
        CHECK(start(bench, free) == Change::none);
    });
}

TEST_CASE("a label for sources comes and goes with the address") {
    with_each_bench([](Bench& bench) {
        start(bench, {.ip = vip6, .source_label = 99});
        CHECK(bench.addresses().add_source_label(vip6, 99) == Change::none);
        stop(bench, {.ip = vip6});
        CHECK(bench.addresses().remove_source_label(vip6) == Change::none);
        bench.occupy(vip6);
        CHECK_THROWS(start(bench, {.ip = vip6, .source_label = 99}));
        CHECK(bench.addresses().remove_source_label(vip6) == Change::none);
    });
}

TEST_CASE("a link without carrier is no obstacle where it does not matter") {
    with_each_bench([](Bench& bench) {
        const Service_address wanted{.ip = vip,
                                     .nic = Nic_name::parse("eth0"),
                                     .prefix = Prefix_length{24},
                                     .needs_carrier = false};
        bench.cut_wire();
        CHECK(start(bench, wanted) == Change::made);
        CHECK(faults(bench, wanted).empty());
    });
}

TEST_CASE("the loopback address of LVS-DR is told from all others, and put back") {
    with_each_bench([](Bench& bench) {
        auto& node = bench.node();
        CHECK_FALSE(service_address::is_on_loopback(vip, node));
        CHECK(service_address::add_to_loopback(vip, node) == Change::made);
        CHECK(service_address::add_to_loopback(vip, node) == Change::none);
        CHECK(service_address::is_on_loopback(vip, node));
        CHECK(start(bench, {.ip = vip}) == Change::made);
        CHECK_FALSE(service_address::is_on_loopback(vip, node));
        service_address::add_to_loopback(vip, node);
        CHECK_FALSE(service_address::is_on_loopback(vip, node));
    });
}

TEST_CASE("a start without time does not leave an address that is not usable") {
    Real_bench bench;
    CHECK_THROWS_WITH(start(bench, {.ip = vip6}, 1s), ContainsSubstring("did not end"));
    CHECK_FALSE(bench.find(vip6));
}

TEST_CASE("announcements: the neighbour hears requests and replies, and a child repeats them") {
    Real_bench bench;
    Ear ear{bench.wire()};
    start(bench, {.ip = vip});
    const auto before = std::chrono::steady_clock::now();
    service_address::announce(vip, bench.node(), {.count = 3, .interval = 200ms},
                              Deadline::in(15s));
    CHECK(std::chrono::steady_clock::now() - before < 200ms);
    for (int round = 0; round < 3; ++round)
        for (const auto operation : {std::uint8_t{1}, std::uint8_t{2}}) {
            INFO("round " << round << ", operation " << int{operation});
            CHECK(
                ear.next([=](const auto& frame) { return is_announcement(frame, operation); }, 5s));
        }
}

TEST_CASE("announcements: an advertisement of IPv6 overrides what neighbours remember") {
    Real_bench bench;
    start(bench, {.ip = vip6});
    Ear ear{bench.wire()};
    service_address::announce(vip6, bench.node(), {.count = 1, .interval = 200ms},
                              Deadline::in(15s));
    // Ethernet 14, IPv6 40, then ICMPv6 (RFC 4861, 4.4).
    const auto heard = ear.next(
        [](const auto& frame) {
            return has(frame, 12, {0x86, 0xdd}) && has(frame, 54, {136});
        },
        5s);
    REQUIRE(heard);
    CHECK(has(*heard, 0, {0x33, 0x33, 0, 0, 0, 1}));
    CHECK((*heard)[21] == 255);
    CHECK((*heard)[58] == 0x20);
    CHECK(has(*heard, 62, {vip6.data(), vip6.data() + vip6.size()}));
    CHECK(has(*heard, 78, {2, 1, 2, 0, 0, 0, 0, 1}));
}

TEST_CASE("announcements end with the address") {
    Real_bench bench;
    Ear ear{bench.wire()};
    const auto any = [](const auto& frame) { return is_announcement(frame, 2); };
    start(bench, {.ip = vip});
    service_address::announce(vip, bench.node(), {.count = 50, .interval = 100ms},
                              Deadline::in(15s));
    CHECK(ear.next(any, 5s));
    stop(bench, {.ip = vip});
    // One may have been on its way.
    ear.next(any, 150ms);
    CHECK_FALSE(ear.next(any, 500ms));
}
