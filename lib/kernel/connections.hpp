// SPDX-License-Identifier: GPL-2.0-or-later
// TCP connections of this node, and those that a node before it had.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.hpp"

namespace san {

struct Connection {
    Ip local;
    std::uint16_t local_port = 0;
    Ip remote;
    std::uint16_t remote_port = 0;
    friend auto operator<=>(const Connection&, const Connection&) = default;
};

class Connections {
public:
    virtual ~Connections() = default;

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
