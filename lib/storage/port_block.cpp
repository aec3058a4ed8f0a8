// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/port_block.hpp"

#include <algorithm>
#include <optional>

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/connections.hpp"

namespace san {

namespace {

// iptables takes 15. With more the names of chains and files would not fit into 255 bytes.
constexpr std::size_t most_ranges = 16;

// The shell agent adds a rule at every start if it does not recognise its own.
constexpr int most_copies = 1000;

Error bad_ports() {
    return Error{Kind::misconfigured,
                 "expected port numbers from 1 to 65535, separated by commas, or ranges such as "
                 "1000:2000"};
}

std::uint16_t port(std::string_view text) {
    const auto number = text::number<unsigned long>(text);
    if (!number || *number < 1 || *number > 65535 || text.size() > 5) throw bad_ports();
    return static_cast<std::uint16_t>(*number);
}

Port_range range(std::string_view text) {
    const auto colon = text.find_first_of(":-");
    if (colon == std::string_view::npos) return {port(text), port(text)};
    const Port_range both{port(text.substr(0, colon)), port(text.substr(colon + 1))};
    if (both.first > both.last) throw bad_ports();
    return both;
}

std::string chain_text(const Ip_network& network) {
    auto text = network.to_text();
    // Neither nft's grammar for names has colons, nor file names slashes.
    std::replace(text.begin(), text.end(), ':', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::vector<std::string> names(const Port_block& door) {
    std::vector<std::string> all{door.mute().name};
    for (const auto& block : door.blocks()) all.push_back(block.name);
    return all;
}

/// The program for rules that the iptables before nftables has, if it has any.
std::optional<std::string> iptables(Family family, System& node) {
    if (!node.firewall.has_old_iptables(family)) return {};
    const std::string usual = family == Family::ipv4 ? "iptables" : "ip6tables";
    for (const auto& program : {usual + "-legacy", usual})
        if (node.commands.has(program)) return program;
    return {};
}

/// The words of a rule of the shell agent behind -D, in each form that it has had.
std::vector<std::vector<std::string>> shell_rules(const Block& block, const std::string& ports) {
    const bool in = block.side == Block::Side::in;
    const std::vector<std::string> match{in ? "INPUT" : "OUTPUT",
                                         "-p",
                                         block.transport == Transport::tcp ? "tcp" : "udp",
                                         in ? "-d" : "-s",
                                         block.network.to_text(),
                                         "-m",
                                         "multiport",
                                         in ? "--dports" : "--sports",
                                         ports};
    const std::vector<std::vector<std::string>> ends{
        {"-j", "DROP"},
        {"-m", "conntrack", "--ctstate", "NEW,ESTABLISHED,RELATED", "-j", "REJECT", "--reject-with",
         "tcp-reset"},
        {"-j", "REJECT", "--reject-with", "tcp-reset"}};
    std::vector<std::vector<std::string>> rules;
    for (const auto& end : ends) {
        rules.push_back(match);
        rules.back().insert(rules.back().end(), end.begin(), end.end());
    }
    return rules;
}

}  // namespace

Port_list Port_list::parse(std::string_view text) {
    Port_list list;
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        list.ranges.push_back(range(text.substr(at, comma - at)));
        at = comma + 1;
    }
    list.ranges = merged(std::move(list.ranges));
    if (list.ranges.size() > most_ranges)
        throw Error{Kind::misconfigured,
                    "expected at most " + std::to_string(most_ranges) + " ports or ranges"};
    return list;
}

std::string Port_list::to_text(std::string_view between) const {
    std::vector<std::string> parts;
    for (const auto& one : ranges)
        parts.push_back(one.first == one.last
                            ? std::to_string(one.first)
                            : std::to_string(one.first) + "-" + std::to_string(one.last));
    return text::joined(parts, between);
}

bool Port_list::contains(std::uint16_t port) const {
    return std::any_of(ranges.begin(), ranges.end(), [&](const Port_range& range) {
        return range.first <= port && port <= range.last;
    });
}

Transport_name Transport_name::parse(std::string_view text) {
    if (text == "tcp") return {Transport::tcp};
    if (text == "udp") return {Transport::udp};
    throw Error{Kind::misconfigured, "expected tcp or udp"};
}

Direction Direction::parse(std::string_view text) {
    if (text == "in") return {true, false};
    if (text == "out") return {false, true};
    if (text == "both") return {true, true};
    throw Error{Kind::misconfigured, "expected in, out or both"};
}

Block_method Block_method::parse(std::string_view text) {
    if (text == "drop") return {Block::Answer::none};
    if (text == "reject") return {Block::Answer::refusal};
    throw Error{Kind::misconfigured, "expected drop or reject"};
}

std::string Port_block::key() const {
    return std::string{transport == Transport::tcp ? "tcp" : "udp"} + "_" + ports.to_text("_") +
           "_" + chain_text(network) + "_" + direction.to_text();
}

std::vector<Block> Port_block::blocks() const {
    Block block{.name = key(),
                .transport = transport,
                .ports = ports.ranges,
                .network = network,
                .answer = answer};
    if (!direction.out) return {block};
    auto outward = block;
    outward.side = Block::Side::out;
    if (!direction.in) return {outward};
    block.name += ".in";
    outward.name += ".out";
    return {block, outward};
}

Block Port_block::mute() const {
    return {.name = key() + ".mute",
            .side = Block::Side::out,
            .transport = transport,
            .ports = ports.ranges,
            .network = network};
}

namespace port_block {

bool is_closed(const Port_block& door, System& node) {
    const auto blocks = door.blocks();
    return std::all_of(blocks.begin(), blocks.end(),
                       [&](const Block& block) { return node.firewall.holds(block); });
}

Change close(const Port_block& door, System& node) {
    return node.firewall.exchange({}, door.blocks());
}

Change open(const Port_block& door, System& node) {
    return node.firewall.exchange(names(door), {});
}

void end_connections(const Port_block& door, System& node) {
    if (door.transport != Transport::tcp) return;
    const auto mute = door.mute();
    node.firewall.exchange({}, {mute});
    unsigned ended = 0;
    try {
        for (const auto& ports : door.ports.ranges)
            ended += node.connections.end(door.network, ports.first, ports.last);
    } catch (const Error& problem) {
        // They end when their time is up, as they do without this.
        log::warning("connections stay: ", problem.what());
    }
    if (ended > 0) log::info("ended ", ended, " connections of ", door.network.to_text());
    node.firewall.exchange({mute.name}, {});
}

Change remove_shell_rules(const Port_block& door, const std::string& ports, System& node,
                          const Deadline& deadline) {
    auto change = Change::none;
    const auto family = door.network.ip.family();
    const auto program = iptables(family, node);
    for (const auto& block : door.blocks()) {
        if (node.firewall.remove_shell_rules(block) == Change::made) change = Change::made;
        if (!program) continue;
        for (const auto& rule : shell_rules(block, ports)) {
            std::vector<std::string> command{*program, "-w", "-D"};
            command.insert(command.end(), rule.begin(), rule.end());
            // It removes one at a time, and fails when there is none.
            for (int copy = 0; copy < most_copies && node.commands.run(command, deadline).ok();
                 ++copy)
                change = Change::made;
        }
    }
    if (change == Change::made)
        log::info("removed what ocf:heartbeat:portblock had in force for ", door.key());
    return change;
}

}  // namespace port_block

}  // namespace san
