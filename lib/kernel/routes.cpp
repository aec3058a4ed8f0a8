// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "kernel/addresses.hpp"
#include "kernel/netlink.hpp"
#include "kernel/rtnetlink_messages.hpp"

namespace san {

namespace {

class Netlink_routes final : public Routes {
public:
    std::vector<Route> list(Family family) override {
        if (!socket_) socket_.emplace();
        rtmsg header{};
        header.rtm_family = family == Family::ipv4 ? AF_INET : AF_INET6;
        std::vector<Route> routes;
        socket_->dump(
            netlink::Request{RTM_GETROUTE, 0}.header(header), [&] { routes.clear(); },
            [&](const nlmsghdr& message) { rtnetlink::add_routes(message, family, routes); });
        return routes;
    }

private:
    std::optional<netlink::Socket> socket_;
};

}  // namespace

std::unique_ptr<Routes> make_routes() { return std::make_unique<Netlink_routes>(); }

}  // namespace san
