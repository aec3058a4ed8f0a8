// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/addresses.hpp"

#include <algorithm>
#include <cerrno>
#include <linux/if_addr.h>
#include <linux/if_addrlabel.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "kernel/netlink.hpp"
#include "kernel/rtnetlink_messages.hpp"

namespace san {

namespace {

constexpr std::uint32_t for_ever = 0xffffffff;

bool same_place(const Address& a, const Address& b) {
    return a.ip == b.ip && a.prefix == b.prefix && a.link == b.link;
}

netlink::Request change_of(int type, int flags, const Address& address) {
    ifaddrmsg header{};
    header.ifa_family = address.ip.family() == Family::ipv4 ? AF_INET : AF_INET6;
    header.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix);
    header.ifa_index = static_cast<unsigned>(address.link.value);
    // Addresses of one network must have one scope (net/ipv4/devinet.c, __inet_insert_ifa), and the
    // kernel gives this one to 127.0.0.1.
    if (address.ip.family() == Family::ipv4 && address.ip.is_loopback())
        header.ifa_scope = RT_SCOPE_HOST;
    netlink::Request request{type, flags};
    request.header(header);
    // Both, because a removal that has only IFA_LOCAL takes the first match of any prefix length
    // (net/ipv4/devinet.c, inet_rtm_deladdr).
    request.attribute(IFA_LOCAL, address.ip.data(), address.ip.size());
    request.attribute(IFA_ADDRESS, address.ip.data(), address.ip.size());
    return request;
}

std::uint32_t flags_of(const Address& address) {
    std::uint32_t flags = 0;
    if (address.no_detection) flags |= IFA_F_NODAD;
    if (address.no_prefix_route) flags |= IFA_F_NOPREFIXROUTE;
    return flags;
}

netlink::Request label_of(int type, int flags, const Ip& ip, std::uint32_t label) {
    ifaddrlblmsg header{};
    header.ifal_family = AF_INET6;
    header.ifal_prefixlen = static_cast<std::uint8_t>(ip.bits());
    netlink::Request request{type, flags};
    request.header(header)
        .attribute(IFAL_ADDRESS, ip.data(), ip.size())
        .attribute(IFAL_LABEL, &label, sizeof label);
    return request;
}

class Netlink_addresses final : public Addresses {
public:
    std::vector<Address> list() override { return dump(AF_UNSPEC, nullptr); }

    std::vector<Address> list(const Ip& ip) override {
        return dump(ip.family() == Family::ipv4 ? AF_INET : AF_INET6, &ip);
    }

    Change add(const Address& address) override {
        auto request = change_of(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address);
        if (address.broadcast)
            request.attribute(IFA_BROADCAST, address.broadcast->data(), address.broadcast->size());
        if (!address.label.empty())
            request.attribute(IFA_LABEL, address.label.c_str(), address.label.size() + 1);
        if (const auto flags = flags_of(address); flags != 0)
            request.attribute(IFA_FLAGS, &flags, sizeof flags);
        if (address.preferred) {
            ifa_cacheinfo times{};
            times.ifa_prefered = *address.preferred;
            times.ifa_valid = for_ever;
            request.attribute(IFA_CACHEINFO, &times, sizeof times);
        }
        const int errnum = socket().change(request);
        if (errnum == EEXIST) {
            // IPv6 refuses a second one whatever its prefix length is (net/ipv6/addrconf.c).
            const auto all = list(address.ip);
            const bool there = std::any_of(all.begin(), all.end(), [&](const Address& other) {
                return same_place(other, address);
            });
            if (there) return Change::none;
        }
        if (errnum != 0) throw system_error("adding address " + address.ip.to_text(), errnum);
        return Change::made;
    }

    Change remove(const Address& address) override {
        const int errnum = socket().change(change_of(RTM_DELADDR, 0, address));
        // The address, or the link that it was on, has gone by itself.
        if (errnum == EADDRNOTAVAIL || errnum == ENODEV) return Change::none;
        if (errnum != 0) throw system_error("removing address " + address.ip.to_text(), errnum);
        return Change::made;
    }

    std::optional<Address> settled(const Address& address, const Deadline& deadline) override {
        const auto now = find(address);
        // As all of IPv4 are at once.
        if (!now || !now->tentative || now->duplicate_found) return now;
        netlink::Socket events;
        events.join(RTNLGRP_IPV6_IFADDR);
        for (;;) {
            const auto found = find(address);
            if (!found || !found->tentative || found->duplicate_found || !events.wait(deadline))
                return found;
        }
    }

    Change add_source_label(const Ip& ip, std::uint32_t label) override {
        const int errnum =
            socket().change(label_of(RTM_NEWADDRLABEL, NLM_F_CREATE | NLM_F_EXCL, ip, label));
        if (errnum == EEXIST) return Change::none;
        if (errnum != 0) throw system_error("labelling address " + ip.to_text(), errnum);
        return Change::made;
    }

    Change remove_source_label(const Ip& ip) override {
        const int errnum = socket().change(label_of(RTM_DELADDRLABEL, 0, ip, 0));
        // Without IPv6 there are no labels either.
        if (errnum == ESRCH || errnum == EOPNOTSUPP) return Change::none;
        if (errnum != 0)
            throw system_error("removing the label of address " + ip.to_text(), errnum);
        return Change::made;
    }

private:
    /// The kernel finds no single IPv4 address: every one of the family is in its answer, and what
    /// is not asked for is passed over here as early as possible.
    std::vector<Address> dump(int family, const Ip* only) {
        ifaddrmsg header{};
        header.ifa_family = static_cast<std::uint8_t>(family);
        std::vector<Address> all;
        socket().dump(
            netlink::Request{RTM_GETADDR, 0}.header(header), [&] { all.clear(); },
            [&](const nlmsghdr& message) {
                if (auto address = rtnetlink::find_address(message, only))
                    all.push_back(std::move(*address));
            });
        return all;
    }

    std::optional<Address> find(const Address& address) {
        for (auto& other : list(address.ip))
            if (same_place(other, address)) return std::move(other);
        return {};
    }

    netlink::Socket& socket() {
        if (!socket_) socket_.emplace();
        return *socket_;
    }
    std::optional<netlink::Socket> socket_;
};

}  // namespace

std::unique_ptr<Addresses> make_addresses() { return std::make_unique<Netlink_addresses>(); }

}  // namespace san
