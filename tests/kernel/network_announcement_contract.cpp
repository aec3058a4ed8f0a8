// SPDX-License-Identifier: GPL-2.0-or-later
// What neighbours hear of a service address.
#include <algorithm>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/fd.hpp"
#include "kernel/network_bench.hpp"

using namespace san;
using namespace test::network_bench;

namespace {

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

const std::vector<std::uint8_t> vip_bytes{10, 0, 0, 7};

/// Ethernet, then ARP (RFC 826): who says it, and about which address.
bool is_announcement(const Ear::Frame& frame, std::uint8_t operation) {
    return has(frame, 0, everybody) && has(frame, 6, eth0_mac) && has(frame, 12, {8, 6}) &&
           has(frame, 14, {0, 1, 8, 0, 6, 4, 0, operation}) && has(frame, 22, eth0_mac) &&
           has(frame, 28, vip_bytes) && has(frame, 38, vip_bytes);
}

}  // namespace

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
