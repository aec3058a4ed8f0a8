// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <cstring>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/error.hpp"
#include "kernel/addresses.hpp"
#include "kernel/netlink.hpp"

namespace san {

namespace {

std::vector<std::uint8_t> bytes(const nlattr* attribute) {
    if (!attribute) return {};
    const auto* data = static_cast<const std::uint8_t*>(nla_data(attribute));
    return {data, data + nla_len(attribute)};
}

std::vector<std::string> other_names(const nlattr* list) {
    std::vector<std::string> names;
    if (!list) return names;
    nlattr* attribute = nullptr;
    int rest = 0;
    nla_for_each_nested(attribute, list, rest) {
        if (nla_type(attribute) == IFLA_ALT_IFNAME) names.emplace_back(nla_get_string(attribute));
    }
    return names;
}

std::optional<Link> find_link(const nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWLINK) return {};
    ifinfomsg header{};
    std::memcpy(&header, nlmsg_data(&message), sizeof header);
    nlattr* found[IFLA_MAX + 1];
    if (nlmsg_parse(const_cast<nlmsghdr*>(&message), sizeof header, found, IFLA_MAX, nullptr) != 0)
        throw Error{Kind::failed, "rtnetlink described an interface in a way that cannot be read"};
    const unsigned state = found[IFLA_OPERSTATE] ? nla_get_u8(found[IFLA_OPERSTATE])
                                                 : static_cast<unsigned>(IF_OPER_UNKNOWN);
    return Link{
        .index = {header.ifi_index},
        .name = found[IFLA_IFNAME] ? nla_get_string(found[IFLA_IFNAME]) : "",
        .other_names = other_names(found[IFLA_PROP_LIST]),
        .up = (header.ifi_flags & IFF_UP) != 0,
        // Drivers without carrier detection stay "unknown" (RFC 2863, and
        // Documentation/networking/operstates.rst).
        .carrier = state != IF_OPER_DOWN && state != IF_OPER_LOWERLAYERDOWN,
        .loopback = (header.ifi_flags & IFF_LOOPBACK) != 0,
        .has_neighbours = (header.ifi_flags & IFF_BROADCAST) && !(header.ifi_flags & IFF_NOARP),
        .hardware = bytes(found[IFLA_ADDRESS]),
        .broadcast = bytes(found[IFLA_BROADCAST]),
        .hardware_type = header.ifi_type};
}

class Netlink_links final : public Links {
public:
    std::vector<Link> list() override {
        std::vector<Link> all;
        socket().dump(
            question({}), [&] { all.clear(); },
            [&](const nlmsghdr& message) {
                if (auto link = find_link(message)) all.push_back(std::move(*link));
            });
        return all;
    }

    std::optional<Link> find(Link_index index) override {
        std::optional<Link> link;
        const int errnum = socket().ask(
            question(index), [&](const nlmsghdr& message) { link = find_link(message); });
        if (errnum == ENODEV) return {};
        if (errnum != 0) throw system_error("asking for an interface", errnum);
        return link;
    }

    Change set_up(Link_index index) override {
        const auto link = find(index);
        if (link && link->up) return Change::none;
        ifinfomsg header{};
        header.ifi_index = index.value;
        header.ifi_flags = header.ifi_change = IFF_UP;
        const int errnum =
            link ? socket().change(netlink::Request{RTM_NEWLINK, 0}.header(header)) : ENODEV;
        if (errnum != 0) throw system_error("setting the interface up", errnum);
        return Change::made;
    }

    bool connected(Link_index index, const Deadline& deadline) override {
        const auto is_connected = [](const Link& link) { return link.up && link.carrier; };
        if (const auto link = find(index); !link || is_connected(*link)) return link.has_value();
        netlink::Socket events;
        events.join(RTNLGRP_LINK);
        for (;;) {
            const auto link = find(index);
            if (!link || is_connected(*link)) return link.has_value();
            if (!events.wait(deadline)) return false;
        }
    }

private:
    static netlink::Request question(Link_index index) {
        ifinfomsg header{};
        header.ifi_index = index.value;
        // Statistics would be most of the answer.
        const std::uint32_t leave_out = RTEXT_FILTER_SKIP_STATS;
        netlink::Request request{RTM_GETLINK, 0};
        request.header(header).attribute(IFLA_EXT_MASK, &leave_out, sizeof leave_out);
        return request;
    }
    netlink::Socket& socket() {
        if (!socket_) socket_.emplace();
        return *socket_;
    }
    std::optional<netlink::Socket> socket_;
};

}  // namespace

std::unique_ptr<Links> make_links() { return std::make_unique<Netlink_links>(); }

}  // namespace san
