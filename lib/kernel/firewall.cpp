// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/firewall.hpp"

#include <algorithm>
#include <cerrno>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/nft_messages.hpp"
#include "kernel/nft_shell_rules.hpp"

namespace san {

namespace {

using nft::Table_family;

const std::string our_table = "san-portblock";

// Other tools change their tables while we look at ours; so often in a row they never rest.
constexpr int attempts = 100;

class Nftables final : public Firewall {
public:
    bool holds(const Block& block) override {
        return uses(nft::chain({Table_family::inet, our_table, block.name}), nft::chain_use) ==
               block.ports.size();
    }

    Change exchange(const std::vector<std::string>& remove,
                    const std::vector<Block>& add) override {
        auto change = Change::none;
        transact([&] {
            change = Change::none;
            std::vector<netlink::Request> requests;
            const auto in_table = uses(nft::table(Table_family::inet, our_table), nft::table_use);
            std::uint32_t removed = 0;
            for (const auto& name : remove) {
                if (!has_chain(name)) continue;
                requests.push_back(nft::remove_chain(our_table, name));
                ++removed;
                change = Change::made;
            }
            if (add.empty() && in_table && *in_table == removed) {
                // With the last chain goes the table, which takes it along.
                requests.clear();
                requests.push_back(nft::remove_table(our_table));
                return requests;
            }
            if (!add.empty()) requests.push_back(nft::add_table(our_table));
            for (const auto& block : add) {
                if (!holds(block)) change = Change::made;
                requests.push_back(nft::add_chain(our_table, block));
                requests.push_back(nft::flush_chain(our_table, block.name));
                for (const auto& ports : block.ports)
                    requests.push_back(nft::add_rule(our_table, block, ports));
            }
            return requests;
        });
        return change;
    }

    Change remove_shell_rules(const Block& block) override {
        const std::string chain = block.side == Block::Side::in ? "INPUT" : "OUTPUT";
        const auto own =
            block.network.ip.family() == Family::ipv4 ? Table_family::ipv4 : Table_family::ipv6;
        auto change = Change::none;
        for (const nft::Chain& place :
             {nft::Chain{Table_family::inet, "portblock", chain}, nft::Chain{own, "filter", chain}})
            if (remove_shell_rules(place, block) == Change::made) change = Change::made;
        return change;
    }

    bool has_old_iptables(Family family) override {
        // net/netfilter/x_tables.c
        const auto* names = family == Family::ipv4 ? "/proc/self/net/ip_tables_names"
                                                   : "/proc/self/net/ip6_tables_names";
        const auto all = text::words(Files{}.find(names).value_or(""));
        return std::find(all.begin(), all.end(), "filter") != all.end();
    }

private:
    Change remove_shell_rules(const nft::Chain& place, const Block& block) {
        if (!uses(nft::chain(place), nft::chain_use)) return Change::none;
        auto change = Change::none;
        transact([&] {
            change = Change::none;
            std::vector<netlink::Request> requests;
            for (const auto& rule : shell_rules(place)) {
                if (rule.transport != block.transport || rule.network != block.network ||
                    rule.ports != block.ports)
                    continue;
                requests.push_back(nft::remove_rule(place, rule.handle));
                change = Change::made;
            }
            return requests;
        });
        return change;
    }

    std::vector<nft::Shell_rule> shell_rules(const nft::Chain& place) {
        std::vector<nft::Shell_rule> all;
        socket().dump(
            nft::rules(place), [&] { all.clear(); },
            [&](const nlmsghdr& message) {
                if (const auto rule = nft::find_shell_rule(message, place)) all.push_back(*rule);
            });
        return all;
    }

    /// How much is in a table or chain; nothing when there is no such thing.
    std::optional<std::uint32_t> uses(const netlink::Request& question,
                                      std::uint32_t (*count)(const nlmsghdr&)) {
        std::optional<std::uint32_t> use;
        const int errnum =
            socket().ask(question, [&](const nlmsghdr& message) { use = count(message); });
        if (errnum == ENOENT) return {};
        if (errnum != 0) throw system_error("asking nftables", errnum);
        return use;
    }

    bool has_chain(const std::string& name) {
        return uses(nft::chain({Table_family::inet, our_table, name}), nft::chain_use).has_value();
    }

    /// Sends what `plan` makes of the rules as they are, provided that they still are so; else
    /// `plan` looks again.
    void transact(const std::function<std::vector<netlink::Request>()>& plan) {
        for (int attempt = 0; attempt < attempts; ++attempt) {
            std::uint32_t generation = 0;
            const int unknown = socket().ask(nft::generation(), [&](const nlmsghdr& message) {
                generation = nft::generation_of(message);
            });
            if (unknown != 0) throw system_error("asking nftables", unknown);
            const auto requests = plan();
            // A socket of its own: answers that nobody waits for go with it.
            const int errnum = netlink::Socket{NETLINK_NETFILTER}.transact(NFNL_SUBSYS_NFTABLES,
                                                                           generation, requests);
            if (errnum == 0) return;
            if (errnum != ERESTART && errnum != EAGAIN)
                throw system_error("changing nftables", errnum);
        }
        throw Error{Kind::failed, "nftables' rules change faster than they can be read"};
    }

    netlink::Socket& socket() {
        if (!socket_) socket_.emplace(NETLINK_NETFILTER);
        return *socket_;
    }
    std::optional<netlink::Socket> socket_;
};

}  // namespace

std::vector<Port_range> merged(std::vector<Port_range> ranges) {
    std::sort(ranges.begin(), ranges.end());
    std::vector<Port_range> result;
    for (const auto& next : ranges)
        if (!result.empty() && next.first <= result.back().last + 1)
            result.back().last = std::max(result.back().last, next.last);
        else
            result.push_back(next);
    return result;
}

std::unique_ptr<Firewall> make_firewall() { return std::make_unique<Nftables>(); }

}  // namespace san
