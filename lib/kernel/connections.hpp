// SPDX-License-Identifier: GPL-2.0-or-later
// TCP connections of this node, and those that a node before it had.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/ip.hpp"

namespace san {

struct Connection {
    Ip local;
    std::uint16_t local_port = 0;
    Ip remote;
    std::uint16_t remote_port = 0;
    friend auto operator<=>(const Connection&, const Connection&) = default;
};

/// A TCP socket that waits for connections.
struct Listener {
    Ip ip;
    std::uint16_t port = 0;
    std::uint32_t inode = 0;    ///< as /proc/PID/fd shows it; sockets of the kernel have one too
    std::uint64_t cookie = 0;   ///< the kernel's name for it, never used again
    unsigned backlog = 0;       ///< how many connections may wait for it
    bool binds_freely = false;  ///< IP_FREEBIND; Linux 5.10 tells
    friend auto operator<=>(const Listener&, const Listener&) = default;
};

class Connections {
public:
    virtual ~Connections() = default;

    /// The listeners of one family in this network namespace, sorted. Nothing when the kernel has
    /// no sock_diag for TCP.
    virtual std::optional<std::vector<Listener>> find_listeners(Family family) = 0;

    /// Ends a listener of whomever. Change: none when it is gone.
    /// Errors  as of the other end
    virtual Change end(const Listener& listener) = 0;

    /// The established ones whose local address is in a network, sorted. A connection over IPv4 of
    /// a socket that takes IPv6 as well is one over IPv4.
    /// Source  sock_diag(7)
    virtual std::vector<Connection> established(const Ip_network& local) = 0;

    /// Ends all connections, in whichever state, of a local address and port, without a word to the
    /// other side but a reset. Returns how many there were.
    /// Errors  failed with EOPNOTSUPP when the kernel cannot (SOCK_DESTROY, Linux 4.5,
    ///         CONFIG_INET_DIAG_DESTROY)
    virtual unsigned end(const Ip_network& local, std::uint16_t first_port,
                         std::uint16_t last_port) = 0;

    /// Tells the other side of a connection that another node had: a bare ACK out of any window. It
    /// answers with its real numbers (RFC 9293 3.10.7.4), this node resets what it does not know,
    /// and the other side connects anew at once.
    /// Errors  failed with the kernel's errno
    virtual void tickle(const Connection& connection) = 0;
};

std::unique_ptr<Connections> make_connections();

/// That packet with its IP header, without checksums that the kernel computes: exposed for tests.
std::vector<std::uint8_t> tickle_packet(const Connection& connection);

}  // namespace san
