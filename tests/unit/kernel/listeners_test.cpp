// SPDX-License-Identifier: GPL-2.0-or-later
// Listening sockets of this process, as the kernel shows them.
#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "kernel/connections.hpp"
#include "kernel/socket_owner.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

struct Own_listener {
    Own_listener() : fd{Fd::adopt(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0))} {
        constexpr int on = 1;
        ::setsockopt(fd.raw(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        REQUIRE(::bind(fd.raw(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(fd.raw(), 7) == 0);
        socklen_t size = sizeof address;
        ::getsockname(fd.raw(), reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin6_port);
        struct stat info {};
        ::fstat(fd.raw(), &info);
        inode = static_cast<std::uint32_t>(info.st_ino);
    }
    Fd fd;
    std::uint16_t port = 0;
    std::uint32_t inode = 0;
};

std::optional<Listener> find(const std::vector<Listener>& listeners, std::uint16_t port) {
    const auto found = std::find_if(listeners.begin(), listeners.end(),
                                    [&](const Listener& one) { return one.port == port; });
    if (found == listeners.end()) return {};
    return *found;
}

}  // namespace

TEST_CASE("listeners: a socket is shown with what it is bound to, and whose it is") {
    Own_listener own;
    const auto connections = make_connections();
    const auto all = connections->find_listeners(Family::ipv6);
    if (!all) {
        WARN("this kernel has no sock_diag for TCP: nothing was tested");
        return;
    }
    const auto found = find(*all, own.port);
    REQUIRE(found);
    CHECK(found->ip == Ip::parse("::1"));
    CHECK(found->inode == own.inode);
    CHECK(found->backlog == 7);
    CHECK(found->cookie != 0);
    CHECK(found->binds_freely);
    CHECK(std::is_sorted(all->begin(), all->end()));
    CHECK_FALSE(find(connections->find_listeners(Family::ipv4).value(), own.port));

    CHECK(socket_owner(own.inode, Files{})
              .value_or("")
              .ends_with(", process " + std::to_string(::getpid())));
    CHECK_FALSE(socket_owner(0, Files{}));

    own.fd.close();
    CHECK_FALSE(find(connections->find_listeners(Family::ipv6).value(), own.port));
    CHECK(connections->end(*found) == Change::none);
}
