// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/rtnetlink_messages.hpp"

#include <algorithm>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/netlink_attributes.hpp"

namespace san::rtnetlink {

namespace {

constexpr auto of_link = "rtnetlink described an interface";
constexpr auto of_address = "rtnetlink described an address";
constexpr auto of_route = "rtnetlink described a route";

constexpr std::uint32_t for_ever = 0xffffffff;

std::vector<std::string> other_names(const nlattr* list) {
    std::vector<std::string> names;
    if (!list) return names;
    nlattr* attribute = nullptr;
    int rest = 0;
    nla_for_each_nested(attribute, list, rest) {
        if (nla_type(attribute) == IFLA_ALT_IFNAME) names.push_back(netlink::text_in(*attribute));
    }
    return names;
}

std::optional<Ip> find_ip(const nlattr* attribute, Family family) {
    const auto size = family == Family::ipv4 ? 4 : 16;
    if (!attribute || nla_len(attribute) != size) return {};
    return Ip::from_bytes(family, nla_data(attribute));
}

/// IFA_ADDRESS is the far end on a point-to-point link; the own one is IFA_LOCAL, which IPv6 has
/// only there (linux/if_addr.h).
std::optional<Ip> own_ip(const nlmsghdr& message, Family family) {
    const auto attribute = [&](int type) {
        return nla_find(nlmsg_attrdata(&message, sizeof(ifaddrmsg)),
                        nlmsg_attrlen(&message, sizeof(ifaddrmsg)), type);
    };
    const auto ip = find_ip(attribute(IFA_LOCAL), family);
    return ip ? ip : find_ip(attribute(IFA_ADDRESS), family);
}

/// ifa_cacheinfo counts in seconds; all ones are for ever (linux/if_addr.h).
std::optional<std::uint32_t> preferred_in(const netlink::Attributes<IFA_MAX>& found) {
    const auto times = found.number<ifa_cacheinfo>(IFA_CACHEINFO);
    if (!times || times->ifa_prefered == for_ever) return {};
    return times->ifa_prefered;
}

/// Whether the attributes are worth a look. Every address of this node has a route of its own in
/// the local table, which says nothing that the address does not.
bool can_matter(const rtmsg& header, Family family) {
    // Of a family that it does not have, as with ipv6.disable=1, the kernel lists all others
    // (rtnl_dump_all, net/core/rtnetlink.c, 6.1).
    if (header.rtm_family != (family == Family::ipv4 ? AF_INET : AF_INET6)) return false;
    if (header.rtm_type != RTN_UNICAST && header.rtm_type != RTN_LOCAL) return false;
    // IPv6 lists what it has learnt of single hosts as well.
    if (header.rtm_flags & RTM_F_CLONED) return false;
    return header.rtm_table != RT_TABLE_LOCAL ||
           header.rtm_dst_len != (family == Family::ipv4 ? 32 : 128);
}

/// All of a route but its link; nothing for other tables.
std::optional<Route> find_route(const rtmsg& header, const netlink::Attributes<RTA_MAX>& found,
                                Family family) {
    // The header has room for tables up to 255 only.
    const auto table = found.number<std::uint32_t>(RTA_TABLE).value_or(header.rtm_table);
    if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL) return {};
    const auto all = Ip::from_bytes(family, std::array<std::uint8_t, 16>{}.data());
    return Route{.network = found.ip(RTA_DST, family).value_or(all),
                 .prefix = header.rtm_dst_len,
                 .link = {},
                 .direct = !found.find(RTA_GATEWAY) && !found.find(RTA_VIA),
                 .local_table = table == RT_TABLE_LOCAL,
                 .metric = found.number<std::uint32_t>(RTA_PRIORITY).value_or(0),
                 .protocol = header.rtm_protocol,
                 .source = found.ip(RTA_PREFSRC, family)};
}

/// The hops of a route over several links, each with its header.
void add_hops(const nlattr& list, Route route, std::vector<Route>& routes) {
    const auto* data = static_cast<const char*>(nla_data(&list));
    auto left = static_cast<std::size_t>(nla_len(&list));
    rtnexthop hop{};
    while (left >= sizeof hop) {
        std::memcpy(&hop, data, sizeof hop);
        if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left) netlink::refuse(of_route);
        route.link = {hop.rtnh_ifindex};
        route.direct = hop.rtnh_len == sizeof hop;
        routes.push_back(route);
        const auto size = std::min<std::size_t>(RTNH_ALIGN(hop.rtnh_len), left);
        data += size;
        left -= size;
    }
}

}  // namespace

std::optional<Link> find_link(const nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWLINK) return {};
    const auto header = netlink::header_of<ifinfomsg>(message, of_link);
    const netlink::Attributes<IFLA_MAX> found{message, sizeof header, of_link};
    const unsigned state = found.number<std::uint8_t>(IFLA_OPERSTATE).value_or(IF_OPER_UNKNOWN);
    return Link{
        .index = {header.ifi_index},
        .name = found.text(IFLA_IFNAME),
        .other_names = other_names(found.find(IFLA_PROP_LIST)),
        .up = (header.ifi_flags & IFF_UP) != 0,
        // Drivers without carrier detection stay "unknown" (RFC 2863, and
        // Documentation/networking/operstates.rst).
        .carrier = state != IF_OPER_DOWN && state != IF_OPER_LOWERLAYERDOWN,
        .loopback = (header.ifi_flags & IFF_LOOPBACK) != 0,
        .has_neighbours = (header.ifi_flags & IFF_BROADCAST) && !(header.ifi_flags & IFF_NOARP),
        .hardware = found.bytes(IFLA_ADDRESS),
        .broadcast = found.bytes(IFLA_BROADCAST),
        .hardware_type = header.ifi_type};
}

std::optional<Address> find_address(const nlmsghdr& message, const Ip* only) {
    if (message.nlmsg_type != RTM_NEWADDR) return {};
    const auto header = netlink::header_of<ifaddrmsg>(message, of_address);
    if (header.ifa_family != AF_INET && header.ifa_family != AF_INET6) return {};
    const auto family = header.ifa_family == AF_INET ? Family::ipv4 : Family::ipv6;
    const auto ip = own_ip(message, family);
    if (!ip || (only && *ip != *only)) return {};
    const netlink::Attributes<IFA_MAX> found{message, sizeof header, of_address};
    // The header has room for eight flags only.
    const auto flags = found.number<std::uint32_t>(IFA_FLAGS).value_or(header.ifa_flags);
    // A host cannot tell IPv4's from no label: the kernel fills in the interface's name, which is
    // what `ip address` shows as well.
    return Address{.ip = *ip,
                   .prefix = header.ifa_prefixlen,
                   .link = {static_cast<int>(header.ifa_index)},
                   .broadcast = find_ip(found.find(IFA_BROADCAST), family),
                   .label = found.text(IFA_LABEL),
                   .tentative = (flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC),
                   .duplicate_found = (flags & IFA_F_DADFAILED) != 0,
                   .no_detection = (flags & IFA_F_NODAD) != 0,
                   .no_prefix_route = (flags & IFA_F_NOPREFIXROUTE) != 0,
                   .preferred = preferred_in(found)};
}

void add_routes(const nlmsghdr& message, Family family, std::vector<Route>& routes) {
    if (message.nlmsg_type != RTM_NEWROUTE) return;
    const auto header = netlink::header_of<rtmsg>(message, of_route);
    if (!can_matter(header, family)) return;
    const netlink::Attributes<RTA_MAX> found{message, sizeof header, of_route};
    auto route = find_route(header, found, family);
    if (!route) return;
    if (const auto link = found.number<int>(RTA_OIF)) {
        route->link = {*link};
        routes.push_back(*route);
    }
    if (const auto* hops = found.find(RTA_MULTIPATH)) add_hops(*hops, *route, routes);
}

}  // namespace san::rtnetlink
