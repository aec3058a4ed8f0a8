// SPDX-License-Identifier: GPL-2.0-or-later
// nftables' messages, as linux/netfilter/nf_tables.h has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/firewall.hpp"
#include "kernel/netlink.hpp"

namespace san::nft {

enum class Table_family { inet, ipv4, ipv6 };

struct Chain {
    Table_family family = Table_family::inet;
    std::string table;
    std::string name;
};

// Questions.
netlink::Request generation();
netlink::Request table(Table_family family, const std::string& name);
netlink::Request chain(const Chain& chain);
/// All rules of a chain; for Socket::dump.
netlink::Request rules(const Chain& chain);

// Changes.
netlink::Request add_table(const std::string& name);
netlink::Request remove_table(const std::string& name);
/// A base chain of type filter, at priority 0.
netlink::Request add_chain(const std::string& table, const Block& block);
/// With its rules.
netlink::Request remove_chain(const std::string& table, const std::string& name);
/// Takes all rules out of a chain.
netlink::Request flush_chain(const std::string& table, const std::string& name);
netlink::Request add_rule(const std::string& table, const Block& block, const Port_range& ports);
netlink::Request remove_rule(const Chain& chain, std::uint64_t handle);

// Answers.
std::uint32_t generation_of(const nlmsghdr& message);
/// How many chains, sets and other objects a table has, or how many rules a chain.
std::uint32_t table_use(const nlmsghdr& message);
std::uint32_t chain_use(const nlmsghdr& message);

}  // namespace san::nft
