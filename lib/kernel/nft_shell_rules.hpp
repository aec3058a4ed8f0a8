// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that the shell agent portblock has left, by what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernel/firewall.hpp"
#include "kernel/nft_messages.hpp"

namespace san::nft {

struct Shell_rule {
    std::uint64_t handle = 0;
    Transport transport = Transport::tcp;
    std::vector<Port_range> ports;
    Ip_network network;
};

/// The rule of a NFT_MSG_NEWRULE, if it stops packets of ports of an address, on the side of the
/// chain, and looks at nothing else but the state of the connection; as nft and iptables write it.
std::optional<Shell_rule> find_shell_rule(const nlmsghdr& message, const Chain& chain);

}  // namespace san::nft
