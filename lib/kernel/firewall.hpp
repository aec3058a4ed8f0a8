// SPDX-License-Identifier: GPL-2.0-or-later
// Ports that are closed on this node, by a table of nftables that is ours alone.
//
// Each block is a base chain of its own with nothing but its rules: one lookup by name says whether
// it is there, however many others there are, and a port that is open costs no packet anything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/ip.hpp"

namespace san {

enum class Transport { tcp, udp };

struct Port_range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    friend auto operator<=>(const Port_range&, const Port_range&) = default;
};

/// Sorted, with those that overlap or touch made one.
std::vector<Port_range> merged(std::vector<Port_range> ranges);

/// Packets of a service that do not get through: those to it, or those from it.
struct Block {
    enum class Side { in, out };
    enum class Answer { none, refusal };  ///< refusal: a TCP reset, or ICMP port unreachable

    std::string name;  ///< of its chain: letters first, then digits and / - _ . as well
    Side side = Side::in;
    Transport transport = Transport::tcp;
    std::vector<Port_range> ports{};  ///< of the service; at least one
    Ip_network network{};             ///< where the service's addresses are
    Answer answer = Answer::none;
    friend bool operator==(const Block&, const Block&) = default;
};

class Firewall {
public:
    virtual ~Firewall() = default;

    /// Whether the block of that name is there, with as many rules as it has to have: another
    /// tool's flush takes the rules and leaves the chain, or takes all.
    /// Source  NFT_MSG_GETCHAIN; NFTA_CHAIN_USE is the number of rules
    virtual bool holds(const Block& block) = 0;

    /// Removes the blocks of those names and adds the others, in one transaction. A block that is
    /// there already is made anew. The table comes with the first block and goes with the last.
    /// Change  none when nothing was there to remove, and all that is to be added was
    /// Errors  failed with the kernel's errno, and nothing has changed
    virtual Change exchange(const std::vector<std::string>& remove,
                            const std::vector<Block>& add) = 0;

    /// Removes the rules by which the shell agent does what this block does: those of its table
    /// "inet portblock", and those that it gave to the iptables of nftables.
    /// Change  none when there were none
    virtual Change remove_shell_rules(const Block& block) = 0;

    /// Whether the iptables that was there before nftables has a filter table: its rules are left
    /// to its own program.
    virtual bool has_old_iptables(Family family) = 0;
};

std::unique_ptr<Firewall> make_firewall();

}  // namespace san
