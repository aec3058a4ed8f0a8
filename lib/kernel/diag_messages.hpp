// SPDX-License-Identifier: GPL-2.0-or-later
// What sock_diag(7) says of sockets.
#pragma once

#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include "kernel/connections.hpp"

namespace san::diag {

/// One connection, with what the kernel calls it.
struct Socket {
    Connection connection;
    int family = 0;  ///< AF_INET or AF_INET6: of the socket, which may take IPv4 as IPv6
    inet_diag_sockid id{};
};

// Errors of both: failed when the kernel speaks otherwise than linux/inet_diag.h says.

Socket socket_of(const nlmsghdr& message);
Listener listener_of(const nlmsghdr& message);

}  // namespace san::diag
