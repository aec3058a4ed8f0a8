// SPDX-License-Identifier: GPL-2.0-or-later
// What rtnetlink says of links, addresses and routes, and how an answer of whatever protocol ends.
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "fuzz/fuzz.hpp"
#include "kernel/netlink_exchange.hpp"
#include "kernel/rtnetlink_messages.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "rtnetlink",
                  .headers = {{RTM_NEWLINK, sizeof(ifinfomsg)},
                              {RTM_NEWADDR, sizeof(ifaddrmsg)},
                              {RTM_NEWROUTE, sizeof(rtmsg)}}};

namespace {

constexpr std::uint32_t sequence = 1;  // of the corpus

netlink::Datagram view(const drbd::Datagram& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void look_at_link(const nlmsghdr& message) {
    const auto link = rtnetlink::find_link(message);
    if (!link) return;
    require(link->name.find('\0') == std::string::npos, "a name with its end inside");
    require(link->hardware.size() <= message.nlmsg_len, "a longer address than was said");
}

void look_at_address(const nlmsghdr& message) {
    const auto address = rtnetlink::find_address(message);
    if (!address) return;
    require(!address->ip.to_text().empty(), "an address without a text");
    require(!address->broadcast || address->broadcast->family() == address->ip.family(),
            "a broadcast address of another family");
    require(rtnetlink::find_address(message, &address->ip) == address, "an address is not found");
}

void look_at_routes(const nlmsghdr& message, Family family) {
    std::vector<Route> routes;
    rtnetlink::add_routes(message, family, routes);
    for (const auto& route : routes) {
        require(route.network.family() == family, "a route of another family");
        require(!route.source || route.source->family() == family, "a source of another family");
        route.source.value_or(route.network).in(route.network, route.prefix);
    }
}

void transact(const Input& input) {
    netlink::Transaction transaction{input.choice};
    for (const auto& datagram : input.datagrams()) transaction.take(view(datagram));
    require(transaction.result() >= 0, "an errno below 0");
}

}  // namespace

void decode(const Input& input) {
    transact(input);
    const std::function<void(const nlmsghdr&)> look = [&](const nlmsghdr& message) {
        switch (input.choice & 3U) {
            case 0:
                return look_at_link(message);
            case 1:
                return look_at_address(message);
            case 2:
                return look_at_routes(message, Family::ipv4);
            default:
                return look_at_routes(message, Family::ipv6);
        }
    };
    netlink::Exchange exchange{sequence, look};
    // In one piece or in several, as the kernel likes.
    if (input.chooses(3)) {
        const auto whole = input.bytes;
        exchange.take(view(whole));
    } else {
        for (const auto& datagram : input.datagrams()) exchange.take(view(datagram));
    }
    require(exchange.result() >= 0, "an errno below 0");
}

}  // namespace san::fuzz
