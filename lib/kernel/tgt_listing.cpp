// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tgt_listing.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::tgt {

namespace {

struct Line {
    std::size_t depth = 0;  ///< in steps of four blanks
    std::string_view text{};
};

Error unreadable(std::string_view line) {
    return Error{Kind::failed, "tgtd's list has " + text::quoted(line) + ": expected another line"};
}

void each_line(std::string_view text, const std::function<void(const Line&)>& take) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto first = line.find_first_not_of(' ');
        if (first != std::string_view::npos) take({first / 4, line.substr(first)});
    }
}

/// What stands behind a label, if the line begins with it.
std::optional<std::string_view> after(std::string_view line, std::string_view label) {
    if (!line.starts_with(label)) return {};
    return line.substr(label.size());
}

template <class Number>
Number must_be_number(std::string_view word, std::string_view line) {
    const auto number = text::number<Number>(word);
    if (!number) throw unreadable(line);
    return *number;
}

Target parse_head(std::string_view line) {
    const auto rest = after(line, "Target ");
    const auto colon = rest ? rest->find(": ") : std::string_view::npos;
    if (colon == std::string_view::npos) throw unreadable(line);
    Target target{.number = must_be_number<std::int32_t>(rest->substr(0, colon), line)};
    target.name = rest->substr(colon + 2);
    return target;
}

void parse_system(Target& target, const Line& line) {
    if (const auto state = after(line.text, "State: ")) target.state = *state;
}

/// A session, and then its connections.
void parse_nexus(Target& target, Connection& session, const Line& line) {
    if (const auto number = after(line.text, "I_T nexus: "); number && line.depth == 2)
        session = {.session = must_be_number<std::uint64_t>(*number, line.text)};
    else if (const auto name = after(line.text, "Initiator: "); name && line.depth == 3)
        session.initiator = name->substr(0, name->find(" alias: "));
    else if (const auto id = after(line.text, "Connection: "); id && line.depth == 3) {
        target.connections.push_back(session);
        target.connections.back().number = must_be_number<std::uint32_t>(*id, line.text);
    } else if (const auto ip = after(line.text, "IP Address: ");
               ip && line.depth == 4 && !target.connections.empty())
        target.connections.back().address = *ip;
}

void parse_unit(Target& target, const Line& line) {
    if (const auto number = after(line.text, "LUN: "); number && line.depth == 2) {
        target.units.push_back({.number = must_be_number<std::uint64_t>(*number, line.text)});
        return;
    }
    if (target.units.empty()) throw unreadable(line.text);
    auto& unit = target.units.back();
    if (const auto type = after(line.text, "Type: ")) unit.type = *type;
    if (const auto id = after(line.text, "SCSI ID: ")) unit.scsi_id = *id;
    if (const auto serial = after(line.text, "SCSI SN: ")) unit.serial = *serial;
    if (const auto size = after(line.text, "Size: ")) {
        constexpr std::string_view label{"Block size: "};
        const auto at = size->find(label);
        if (at == std::string_view::npos) throw unreadable(line.text);
        unit.block_size = must_be_number<unsigned>(size->substr(at + label.size()), line.text);
    }
    if (const auto online = after(line.text, "Online: ")) unit.online = *online == "Yes";
    if (const auto fixed = after(line.text, "Readonly: ")) unit.read_only = *fixed == "Yes";
    if (const auto driver = after(line.text, "Backing store type: ")) unit.driver = *driver;
    if (const auto path = after(line.text, "Backing store path: ")) unit.path = *path;
    if (const auto flags = after(line.text, "Backing store flags: ")) unit.flags = *flags;
    // The flags' line has a blank behind its colon that may be all there is.
    if (line.text == "Backing store flags:") unit.flags.clear();
}

void parse_account(Target& target, const Line& line) {
    constexpr std::string_view own{" (outgoing)"};
    if (line.text.ends_with(own))
        target.own_user = line.text.substr(0, line.text.size() - own.size());
    else
        target.users.emplace_back(line.text);
}

}  // namespace

std::vector<Target> parse_targets(std::string_view text) {
    std::vector<Target> targets;
    std::string_view section;
    Connection session;
    each_line(text, [&](const Line& line) {
        if (line.depth == 0) {
            targets.push_back(parse_head(line.text));
            section = {};
            return;
        }
        if (targets.empty()) throw unreadable(line.text);
        auto& target = targets.back();
        if (line.depth == 1)
            section = line.text;
        else if (section == "System information:")
            parse_system(target, line);
        else if (section == "I_T nexus information:")
            parse_nexus(target, session, line);
        else if (section == "LUN information:")
            parse_unit(target, line);
        else if (section == "Account information:")
            parse_account(target, line);
        else if (section == "ACL information:")
            target.list.emplace_back(line.text);
    });
    return targets;
}

std::vector<Parameter> parse_parameters(std::string_view text) {
    std::vector<Parameter> parameters;
    each_line(text, [&](const Line& line) {
        const auto equals = line.text.find('=');
        if (equals == std::string_view::npos) throw unreadable(line.text);
        parameters.push_back({.name = std::string{line.text.substr(0, equals)},
                              .value = std::string{line.text.substr(equals + 1)}});
    });
    return parameters;
}

std::vector<std::string> parse_portals(std::string_view text) {
    std::vector<std::string> portals;
    each_line(text, [&](const Line& line) {
        const auto portal = after(line.text, "Portal: ");
        const auto comma = portal ? portal->rfind(',') : std::string_view::npos;
        if (comma == std::string_view::npos) throw unreadable(line.text);
        portals.emplace_back(portal->substr(0, comma));
    });
    return portals;
}

std::vector<std::string> parse_accounts(std::string_view text) {
    std::vector<std::string> users;
    each_line(text, [&](const Line& line) {
        if (line.depth > 0) users.emplace_back(line.text);
    });
    return users;
}

std::vector<std::string> parse_discovery_users(std::string_view text) {
    std::vector<std::string> users;
    std::optional<std::size_t> depth;
    each_line(text, [&](const Line& line) {
        if (line.text == "Account information:")
            depth = line.depth;
        else if (line.depth == 0)
            depth.reset();
        else if (depth && !line.text.ends_with(" (outgoing)"))
            users.emplace_back(line.text);
    });
    return users;
}

bool has(const std::vector<std::string>& list, const std::string& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace san::tgt
