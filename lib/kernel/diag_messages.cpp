// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/diag_messages.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "kernel/netlink_attributes.hpp"

namespace san::diag {

namespace {

constexpr auto of_connection = "sock_diag described a connection";
constexpr auto of_listener = "sock_diag described a listener";

bool is_mapped(const void* address) {
    in6_addr bytes{};
    std::memcpy(&bytes, address, sizeof bytes);
    return IN6_IS_ADDR_V4MAPPED(&bytes);
}

Ip ip_of(int family, const void* address) {
    if (family == AF_INET) return Ip::from_bytes(Family::ipv4, address);
    if (is_mapped(address))
        return Ip::from_bytes(Family::ipv4, static_cast<const std::uint8_t*>(address) + 12);
    return Ip::from_bytes(Family::ipv6, address);
}

inet_diag_msg header_of(const nlmsghdr& message, const char* what) {
    const auto said = netlink::header_of<inet_diag_msg>(message, what);
    if (said.idiag_family != AF_INET && said.idiag_family != AF_INET6) netlink::refuse(what);
    return said;
}

}  // namespace

Socket socket_of(const nlmsghdr& message) {
    const auto said = header_of(message, of_connection);
    const int family = said.idiag_family;
    return {.connection = {.local = ip_of(family, said.id.idiag_src),
                           .local_port = ntohs(said.id.idiag_sport),
                           .remote = ip_of(family, said.id.idiag_dst),
                           .remote_port = ntohs(said.id.idiag_dport)},
            .family = family,
            .id = said.id};
}

Listener listener_of(const nlmsghdr& message) {
    const auto said = header_of(message, of_listener);
    Listener listener{
        .ip = ip_of(said.idiag_family, said.id.idiag_src),
        .port = ntohs(said.id.idiag_sport),
        .inode = said.idiag_inode,
        .cookie = std::uint64_t{said.id.idiag_cookie[1]} << 32U | said.id.idiag_cookie[0],
        // Of a listener the queues count connections (inet_diag.c, 6.1).
        .backlog = said.idiag_wqueue};
    // Later kernels have more bits, and those before 5.10 none.
    inet_diag_sockopt bits{};
    if (const auto* options =
            nlmsg_find_attr(const_cast<nlmsghdr*>(&message), sizeof said, INET_DIAG_SOCKOPT))
        std::memcpy(&bits, nla_data(options),
                    std::min(static_cast<std::size_t>(nla_len(options)), sizeof bits));
    listener.binds_freely = bits.freebind;
    return listener;
}

}  // namespace san::diag
