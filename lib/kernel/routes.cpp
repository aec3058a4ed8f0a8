// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstring>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "kernel/addresses.hpp"
#include "kernel/netlink.hpp"

namespace san {

namespace {

/// Whether the attributes are worth a look. Every address of this node has a route of its own in
/// the local table, which says nothing that the address does not.
bool can_matter(const rtmsg& header, Family family) {
    if (header.rtm_type != RTN_UNICAST && header.rtm_type != RTN_LOCAL) return false;
    // IPv6 lists what it has learnt of single hosts as well.
    if (header.rtm_flags & RTM_F_CLONED) return false;
    return header.rtm_table != RT_TABLE_LOCAL ||
           header.rtm_dst_len != (family == Family::ipv4 ? 32 : 128);
}

/// All of a route but its link; nothing for other tables.
std::optional<Route> find_route(const rtmsg& header, nlattr* const* found, Family family) {
    // The header has room for tables up to 255 only.
    const unsigned table = found[RTA_TABLE] ? nla_get_u32(found[RTA_TABLE]) : header.rtm_table;
    if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL) return {};
    Route route{.network = Ip::from_bytes(family, std::array<std::uint8_t, 16>{}.data()),
                .prefix = header.rtm_dst_len,
                .link = {},
                .direct = !found[RTA_GATEWAY] && !found[RTA_VIA],
                .local_table = table == RT_TABLE_LOCAL,
                .protocol = header.rtm_protocol};
    if (found[RTA_DST]) route.network = Ip::from_bytes(family, nla_data(found[RTA_DST]));
    if (found[RTA_PRIORITY]) route.metric = nla_get_u32(found[RTA_PRIORITY]);
    if (found[RTA_PREFSRC]) route.source = Ip::from_bytes(family, nla_data(found[RTA_PREFSRC]));
    return route;
}

/// One route per link that it goes over.
void collect(const nlmsghdr& message, Family family, std::vector<Route>& routes) {
    if (message.nlmsg_type != RTM_NEWROUTE) return;
    rtmsg header{};
    std::memcpy(&header, nlmsg_data(&message), sizeof header);
    if (!can_matter(header, family)) return;
    nlattr* found[RTA_MAX + 1];
    if (nlmsg_parse(const_cast<nlmsghdr*>(&message), sizeof header, found, RTA_MAX, nullptr) != 0)
        throw Error{Kind::failed, "rtnetlink described a route in a way that cannot be read"};
    auto route = find_route(header, found, family);
    if (!route) return;
    if (found[RTA_OIF]) {
        route->link = {static_cast<int>(nla_get_u32(found[RTA_OIF]))};
        routes.push_back(*route);
    }
    if (!found[RTA_MULTIPATH]) return;
    auto* hop = static_cast<rtnexthop*>(nla_data(found[RTA_MULTIPATH]));
    auto left = nla_len(found[RTA_MULTIPATH]);
    for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
        route->link = {hop->rtnh_ifindex};
        route->direct = hop->rtnh_len == sizeof *hop;
        routes.push_back(*route);
    }
}

class Netlink_routes final : public Routes {
public:
    std::vector<Route> list(Family family) override {
        if (!socket_) socket_.emplace();
        rtmsg header{};
        header.rtm_family = family == Family::ipv4 ? AF_INET : AF_INET6;
        std::vector<Route> routes;
        socket_->dump(
            netlink::Request{RTM_GETROUTE, 0}.header(header), [&] { routes.clear(); },
            [&](const nlmsghdr& message) { collect(message, family, routes); });
        return routes;
    }

private:
    std::optional<netlink::Socket> socket_;
};

}  // namespace

std::unique_ptr<Routes> make_routes() { return std::make_unique<Netlink_routes>(); }

}  // namespace san
