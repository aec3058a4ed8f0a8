// SPDX-License-Identifier: GPL-2.0-or-later
// A status as people read it.
#include <algorithm>
#include <cstdio>
#include <map>

#include "base/text.hpp"
#include "stack/status.hpp"

namespace san::stack {

namespace {

enum class Ink { plain, heading, good, warning, bad };

class Screen {
public:
    explicit Screen(const Paper& paper) : paper_{paper} {}

    /// Names and words of initiators come over the network: what could move a terminal's cursor is
    /// not printed.
    void line(const std::string& text, Ink ink = Ink::plain) {
        std::string clean;
        for (const char letter : text) {
            const auto byte = static_cast<unsigned char>(letter);
            clean += byte < 0x20 || byte == 0x7f ? '?' : letter;
        }
        if (paper_.width > 0 && clean.size() > paper_.width) clean.resize(paper_.width);
        const auto* code = paper_.coloured ? codes[static_cast<std::size_t>(ink)] : "";
        text_ += *code ? code + clean + "\x1b[0m" : clean;
        text_ += '\n';
    }
    void heading(const std::string& text) {
        text_ += '\n';
        line(text, Ink::heading);
    }
    const std::string& text() const { return text_; }

private:
    // ECMA-48, SGR: bold, green, yellow, red.
    static constexpr const char* codes[] = {"", "\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m"};
    Paper paper_;
    std::string text_;
};

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

void show_nodes(const Status& status, Screen& screen) {
    screen.heading("Nodes");
    for (const auto& node : status.cluster->nodes) {
        std::vector<std::string> words;
        words.emplace_back(node.unclean   ? "unclean"
                           : node.pending ? "joining"
                           : node.online  ? "online"
                                          : "offline");
        if (node.standby) words.emplace_back("standby");
        if (node.maintenance) words.emplace_back("maintenance");
        if (node.leads) words.emplace_back("DC");
        for (const auto& report : status.nodes)
            if (report.name == node.name && !report.status)
                words.push_back("not asked: " + report.not_asked);
        screen.line("  " + padded(node.name, 12) + text::joined(words, ", "),
                    node.online && !node.unclean ? Ink::plain : Ink::warning);
    }
}

/// "45.2 %, 1.2 GiB to go, 40 s at 30 MiB/s"
std::string progress(const Replica_status& replica, const Peer_status& peer) {
    std::string text;
    const auto total = peer.total > 0 ? peer.total : replica.size;
    if (total >= peer.behind && total > 0) {
        char percent[16];
        std::snprintf(
            percent, sizeof percent, "%.1f %%, ",
            100.0 * static_cast<double>(total - peer.behind) / static_cast<double>(total));
        text += percent;
    }
    text += bytes_text(peer.behind) + " to go";
    if (peer.paused) return text + ", paused";
    if (peer.rate && *peer.rate > 0)
        text += ", " + span_text(peer.behind / *peer.rate) + " at " + bytes_text(*peer.rate) + "/s";
    return text;
}

void show_replicas(const Status& status, Screen& screen) {
    bool first = true;
    for (const auto& report : status.nodes) {
        if (!report.status) continue;
        for (const auto& replica : report.status->replicas) {
            if (first) screen.heading("Replication");
            first = false;
            const bool good = replica.disk == "UpToDate" && replica.trouble.empty();
            screen.line("  " + padded(replica.resource + "/" + std::to_string(replica.volume), 12) +
                            padded(report.name, 12) + padded(replica.role, 11) +
                            padded(replica.disk, 13) +
                            (replica.size > 0 ? bytes_text(replica.size) : "") +
                            (replica.trouble.empty() ? "" : "  " + replica.trouble),
                        good ? Ink::plain : Ink::warning);
            for (const auto& peer : replica.peers) {
                // What both sides would say alike is said once.
                if (peer.connection == "Connected" && peer.replication == "Established") continue;
                auto text = std::string(14, ' ') + (peer.node.empty() ? "peer" : peer.node) + ": " +
                            peer.connection;
                if (peer.connection == "Connected") text += ", " + peer.replication;
                if (peer.replication.starts_with("Sync") || peer.replication.starts_with("Paused"))
                    text += ", " + progress(replica, peer);
                screen.line(text, Ink::warning);
            }
        }
    }
}

void show_groups(const Status& status, Screen& screen) {
    bool first = true;
    for (const auto& report : status.nodes) {
        if (!report.status) continue;
        for (const auto& group : report.status->groups) {
            if (first) screen.heading("Volume groups");
            first = false;
            screen.line("  " + padded(group.name, 12) + padded(report.name, 12) +
                            std::to_string(group.volumes) +
                            (group.volumes == 1 ? " volume active" : " volumes active"),
                        group.suspended.empty() ? Ink::plain : Ink::bad);
        }
    }
}

void show_target(const std::string& node, const Target_status& target, Screen& screen) {
    screen.line("  " + target.name + "  " + node + ", " + target.by + ", " +
                    (target.enabled ? "enabled" : "disabled") +
                    (target.portals.empty() ? "" : ", " + text::joined(target.portals, " ")),
                target.enabled ? Ink::plain : Ink::bad);
    for (const auto& unit : target.units)
        screen.line("    unit " + padded(std::to_string(unit.number), 5) +
                        padded(unit.size > 0 ? bytes_text(unit.size) : "", 10) + unit.device +
                        (unit.usable ? "" : "  not in operation"),
                    unit.usable ? Ink::plain : Ink::bad);
    // One line for all sessions of one initiator.
    std::map<std::string, std::vector<std::string>> initiators;
    for (const auto& session : target.sessions)
        initiators[session.initiator].push_back(session.address);
    for (const auto& [name, addresses] : initiators) {
        auto known = addresses;
        std::erase(known, "");
        screen.line(
            "    initiator " + name + (known.empty() ? "" : "  " + text::joined(known, " ")) +
            (addresses.size() > 1 ? "  " + std::to_string(addresses.size()) + " sessions" : ""));
    }
    if (target.sessions.empty()) screen.line("    no initiator is logged in");
}

void show_targets(const Status& status, Screen& screen) {
    bool first = true;
    for (const auto& report : status.nodes) {
        if (!report.status) continue;
        for (const auto& target : report.status->targets) {
            if (first) screen.heading("Targets");
            first = false;
            show_target(report.name, target, screen);
        }
    }
}

void show_addresses(const Status& status, Screen& screen) {
    if (status.service_addresses.empty()) return;
    screen.heading("Addresses");
    for (const auto& wanted : status.service_addresses) {
        bool is_there = false;
        for (const auto& report : status.nodes) {
            if (!report.status) continue;
            for (const auto& address : report.status->addresses)
                if (address.address.substr(0, address.address.find('/')) == wanted) {
                    screen.line(
                        "  " + padded(address.address, 24) + report.name + ", " + address.link,
                        address.usable ? Ink::plain : Ink::bad);
                    is_there = true;
                }
        }
        if (!is_there) screen.line("  " + padded(wanted, 24) + "nowhere", Ink::warning);
    }
}

void show_list(const char* title, const std::vector<std::string>& lines, Ink ink, Screen& screen) {
    if (lines.empty()) return;
    screen.heading(title);
    for (const auto& line : lines) screen.line("  " + line, ink);
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // What would be printed as 1000 or more is one of the next unit.
    while (value >= 999.5 && unit + 1 < std::size(units)) {
        value /= 1024;
        ++unit;
    }
    char text[32];
    const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    std::string number{text};
    if (number.find('.') != std::string::npos) {
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.pop_back();
    }
    return number + " " + units[unit];
}

std::string span_text(std::uint64_t seconds) {
    if (seconds < 60) return std::to_string(seconds) + " s";
    const auto minutes = seconds / 60;
    if (minutes < 60) return std::to_string(minutes) + " min";
    return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string render(const Status& status, const Paper& paper) {
    const auto found = assess(status);
    Screen screen{paper};
    screen.line(found.sentence, found.health == Health::whole      ? Ink::good
                                : found.health == Health::degraded ? Ink::warning
                                                                   : Ink::bad);
    show_list("Does not serve", found.failed, Ink::bad, screen);
    show_list("In the way", found.blocking, Ink::warning, screen);
    show_list("Degraded", found.degraded, Ink::warning, screen);
    if (status.cluster) show_nodes(status, screen);
    show_replicas(status, screen);
    show_groups(status, screen);
    show_targets(status, screen);
    show_addresses(status, screen);
    return screen.text();
}

}  // namespace san::stack
