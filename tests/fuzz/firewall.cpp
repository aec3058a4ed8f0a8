// SPDX-License-Identifier: GPL-2.0-or-later
// Rules of others, and what nftables says of tables and chains.
#include <linux/netlink.h>
#include <netlink/msg.h>

#include "fuzz/fuzz.hpp"
#include "kernel/nft_messages.hpp"
#include "kernel/nft_shell_rules.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "firewall"};

void decode(const Input& input) {
    const nft::Chain chain{
        .family = input.chooses(0) ? nft::Table_family::ipv6 : nft::Table_family::ipv4,
        .table = "filter",
        .name = input.chooses(1) ? "OUTPUT" : "INPUT"};
    for (const auto& datagram : input.datagrams()) {
        // As libnl hands them over: whole.
        auto rest = static_cast<int>(datagram.size());
        const auto* message = reinterpret_cast<const nlmsghdr*>(datagram.data());
        for (; nlmsg_ok(message, rest);
             message = nlmsg_next(const_cast<nlmsghdr*>(message), &rest)) {
            if (const auto rule = nft::find_shell_rule(*message, chain)) {
                require(!rule->ports.empty(), "a rule without ports");
                require(!rule->network.to_text().empty(), "a network without a text");
                rule->network.contains(rule->network.ip);
            }
            nft::table_use(*message);
            nft::chain_use(*message);
            nft::generation_of(*message);
        }
    }
}

}  // namespace san::fuzz
