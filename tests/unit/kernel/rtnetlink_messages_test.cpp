// SPDX-License-Identifier: GPL-2.0-or-later
// What rtnetlink says in fewer bytes than it should, or of others than was asked for.
#include "kernel/rtnetlink_messages.hpp"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "kernel/netlink.hpp"
#include "support/catch.hpp"

using namespace san;
using netlink::Request;

namespace {

nlmsghdr& message_of(const Request& request) { return *nlmsg_hdr(request.raw()); }

Request route(int family, unsigned char bits) {
    Request request{RTM_NEWROUTE, 0};
    rtmsg header{};
    header.rtm_family = static_cast<unsigned char>(family);
    header.rtm_dst_len = bits;
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_type = RTN_UNICAST;
    request.header(header);
    return request;
}

std::vector<Route> routes_in(const Request& request, Family family = Family::ipv4) {
    std::vector<Route> routes;
    rtnetlink::add_routes(message_of(request), family, routes);
    return routes;
}

Request address(std::uint8_t flags = 0) {
    Request request{RTM_NEWADDR, 0};
    ifaddrmsg header{};
    header.ifa_family = AF_INET;
    header.ifa_prefixlen = 24;
    header.ifa_flags = flags;
    const auto ip = Ip::parse("10.0.0.7");
    request.header(header).attribute(IFA_LOCAL, ip.data(), ip.size());
    return request;
}

}  // namespace

TEST_CASE("rtnetlink: a header that is cut off is an error") {
    const auto cut = [](const Request& request, std::uint32_t size) -> const nlmsghdr& {
        message_of(request).nlmsg_len = NLMSG_HDRLEN + size;
        return message_of(request);
    };
    const Request link = std::move(Request{RTM_NEWLINK, 0}.header(ifinfomsg{}));
    CHECK_THROWS_AS(rtnetlink::find_link(cut(link, 4)), Error);
    CHECK_THROWS_AS(rtnetlink::find_address(cut(address(), 4)), Error);
    std::vector<Route> routes;
    CHECK_THROWS_AS(rtnetlink::add_routes(cut(route(AF_INET, 0), 8), Family::ipv4, routes), Error);
}

TEST_CASE("rtnetlink: a number of fewer bytes is an error, not what stands behind it") {
    const std::uint8_t byte = 1;
    CHECK_THROWS_AS(rtnetlink::find_address(message_of(address().attribute(IFA_FLAGS, &byte, 1))),
                    Error);
    CHECK_THROWS_AS(
        rtnetlink::find_address(message_of(address().attribute(IFA_CACHEINFO, &byte, 1))), Error);
    CHECK_THROWS_AS(routes_in(route(AF_INET, 0).attribute(RTA_OIF, &byte, 1)), Error);
    CHECK_THROWS_AS(routes_in(route(AF_INET, 24).attribute(RTA_DST, &byte, 1)), Error);
}

TEST_CASE("rtnetlink: a text ends where its attribute does") {
    const auto found = rtnetlink::find_address(message_of(
        address().attribute(IFA_LABEL, "eth0:san", 4).attribute(IFA_BROADCAST, "behind", 6)));
    REQUIRE(found);
    CHECK(found->label == "eth0");
}

TEST_CASE("rtnetlink: with IPv6 switched off, IPv4's routes are not those of IPv6") {
    const auto network = Ip::parse("10.0.0.0");
    const int link = 2;
    const auto request = std::move(route(AF_INET, 24)
                                       .attribute(RTA_DST, network.data(), network.size())
                                       .attribute(RTA_OIF, &link, sizeof link));
    CHECK(routes_in(request, Family::ipv6).empty());
    REQUIRE(routes_in(request).size() == 1);
    CHECK(routes_in(request).front().network == network);
}

TEST_CASE("rtnetlink: each hop of a route is whole") {
    rtnexthop hops[2]{};
    hops[0] = {.rtnh_len = sizeof hops[0], .rtnh_flags = 0, .rtnh_hops = 0, .rtnh_ifindex = 2};
    hops[1] = hops[0];
    hops[1].rtnh_ifindex = 3;
    CHECK(routes_in(route(AF_INET, 0).attribute(RTA_MULTIPATH, hops, sizeof hops)).size() == 2);
    hops[1].rtnh_len = 100;
    CHECK_THROWS_AS(routes_in(route(AF_INET, 0).attribute(RTA_MULTIPATH, hops, sizeof hops)),
                    Error);
}
