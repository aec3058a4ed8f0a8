// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "base/error.hpp"
#include "kernel/addresses.hpp"
#include "kernel/netlink.hpp"
#include "kernel/rtnetlink_messages.hpp"

namespace san {

namespace {

class Netlink_links final : public Links {
public:
    std::vector<Link> list() override {
        std::vector<Link> all;
        socket().dump(
            question({}), [&] { all.clear(); },
            [&](const nlmsghdr& message) {
                if (auto link = rtnetlink::find_link(message)) all.push_back(std::move(*link));
            });
        return all;
    }

    std::optional<Link> find(Link_index index) override {
        std::optional<Link> link;
        const int errnum = socket().ask(question(index), [&](const nlmsghdr& message) {
            link = rtnetlink::find_link(message);
        });
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
