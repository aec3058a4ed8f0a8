// SPDX-License-Identifier: GPL-2.0-or-later
// What sock_diag says in other words than it should.
#include "kernel/diag_messages.hpp"

#include <linux/sock_diag.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "kernel/netlink.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

netlink::Request said(int family) {
    inet_diag_msg header{};
    header.idiag_family = static_cast<std::uint8_t>(family);
    netlink::Request request{SOCK_DIAG_BY_FAMILY, 0};
    request.header(header);
    return request;
}

}  // namespace

TEST_CASE("sock_diag: a family of others is no IPv6") {
    const auto request = said(AF_UNIX);
    CHECK_THROWS_AS(diag::socket_of(*nlmsg_hdr(request.raw())), Error);
    CHECK_THROWS_AS(diag::listener_of(*nlmsg_hdr(request.raw())), Error);
}

TEST_CASE("sock_diag: of a listener's options a part may be said") {
    const auto binds_freely = [](std::size_t bytes) {
        inet_diag_sockopt bits{};
        bits.freebind = 1;
        auto request = said(AF_INET6);
        request.attribute(INET_DIAG_SOCKOPT, &bits, bytes);
        return diag::listener_of(*nlmsg_hdr(request.raw())).binds_freely;
    };
    CHECK(binds_freely(sizeof(inet_diag_sockopt)));
    CHECK(binds_freely(1));
    CHECK_FALSE(binds_freely(0));
}
