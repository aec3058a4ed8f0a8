// SPDX-License-Identifier: GPL-2.0-or-later
// A firewall and connections with memory.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "kernel/connections.hpp"
#include "kernel/firewall.hpp"

namespace san::test {

class Fake_firewall final : public Firewall {
public:
    std::map<std::string, Block> blocks;
    /// Rules of the shell agent, in its own table.
    std::vector<Block> shell_rules;
    bool iptables = false;
    /// An errno with which the next change is refused.
    int refusal = 0;

    /// As "nft flush ruleset".
    void flush() {
        blocks.clear();
        shell_rules.clear();
    }

    bool holds(const Block& block) override {
        const auto found = blocks.find(block.name);
        return found != blocks.end() && found->second.ports.size() == block.ports.size();
    }
    Change exchange(const std::vector<std::string>& remove,
                    const std::vector<Block>& add) override {
        if (refusal != 0) throw system_error("changing nftables", std::exchange(refusal, 0));
        auto change = Change::none;
        for (const auto& name : remove)
            if (blocks.erase(name) > 0) change = Change::made;
        for (const auto& block : add) {
            if (!holds(block)) change = Change::made;
            blocks[block.name] = block;
        }
        return change;
    }
    Change remove_shell_rules(const Block& block) override {
        const auto same = [&](const Block& rule) {
            return rule.side == block.side && rule.transport == block.transport &&
                   rule.network == block.network && rule.ports == block.ports;
        };
        return std::erase_if(shell_rules, same) > 0 ? Change::made : Change::none;
    }
    bool has_old_iptables(Family) override { return iptables; }
};

class Fake_connections final : public Connections {
public:
    std::vector<Connection> all;
    std::vector<Connection> tickled;
    bool can_end = true;
    std::vector<Listener> listening;  ///< beside those of the target's portals
    /// Those of the target's portals.
    std::function<std::vector<Listener>()> portals = [] { return std::vector<Listener>{}; };
    bool tells_listeners = true;

    std::optional<std::vector<Listener>> find_listeners(Family family) override {
        if (!tells_listeners) return {};
        auto found = portals();
        found.insert(found.end(), listening.begin(), listening.end());
        std::erase_if(found, [&](const Listener& one) { return one.ip.family() != family; });
        std::sort(found.begin(), found.end());
        return found;
    }
    Change end(const Listener& listener) override {
        return std::erase(listening, listener) > 0 ? Change::made : Change::none;
    }

    std::vector<Connection> established(const Ip_network& local) override {
        std::vector<Connection> found;
        for (const auto& one : all)
            if (local.contains(one.local)) found.push_back(one);
        std::sort(found.begin(), found.end());
        return found;
    }
    unsigned end(const Ip_network& local, std::uint16_t first_port,
                 std::uint16_t last_port) override {
        const auto is_one = [&](const Connection& one) {
            return local.contains(one.local) && one.local_port >= first_port &&
                   one.local_port <= last_port;
        };
        if (!can_end && std::any_of(all.begin(), all.end(), is_one))
            throw system_error("ending a connection", EOPNOTSUPP);
        return static_cast<unsigned>(std::erase_if(all, is_one));
    }
    void tickle(const Connection& connection) override { tickled.push_back(connection); }
};

}  // namespace san::test
