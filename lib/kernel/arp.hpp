// SPDX-License-Identifier: GPL-2.0-or-later
// ARP packets (RFC 826, RFC 5227): what is sent about an own address, and what neighbours say.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel/addresses.hpp"

namespace san::arp {

using Bytes = std::vector<std::uint8_t>;

enum class Operation : std::uint8_t { request = 1, reply = 2 };

/// A packet about the sender's own address (RFC 826; RFC 5227, 3).
Bytes packet(Operation operation, const Link& link, const Ip& ip);

/// A question for the owner of an address, from nobody (RFC 5227 1.1), which changes no cache.
Bytes probe(const Link& link, const Ip& ip);

/// Whether a packet says that somebody else has the address, or is about to take it.
bool claims(const Bytes& packet, const Link& link, const Ip& ip);

}  // namespace san::arp
