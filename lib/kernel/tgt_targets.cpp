// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tgt_targets.hpp"

#include "kernel/tgt_lines.hpp"

namespace san::tgt {

namespace {

template <class Number>
Number must_be_number(std::string_view word, std::string_view line) {
    const auto number = text::number<Number>(word);
    if (!number) throw unreadable(line);
    return *number;
}

/// A line "Target 1: iqn...", and where it begins.
struct Head {
    std::size_t at = 0;
    std::int32_t number = 0;
    std::string_view name{};
};

std::optional<Head> find_head(std::string_view line) {
    const auto rest = after(line, "Target ");
    const auto colon = rest ? rest->find(": ") : std::string_view::npos;
    if (colon == std::string_view::npos) return {};
    const auto number = text::number<std::int32_t>(rest->substr(0, colon));
    if (!number) return {};
    return Head{.number = *number, .name = rest->substr(colon + 2)};
}

constexpr std::string_view sessions_part{"\n    I_T nexus information:\n"};

/// Where targets begin, of those that are there.
std::vector<Head> heads(std::string_view text, const Has_target& has_target) {
    std::vector<Head> found;
    const auto first_session = text.find("\n        I_T nexus: ");
    for (std::size_t at = 0; at < text.size();) {
        const auto line = text.substr(at, text.find('\n', at) - at);
        auto head = find_head(line);
        // Until somebody has logged in, every line is the daemon's own.
        const bool is_own = at <= first_session;
        if (is_own && !head && !line.empty() && line.front() != ' ') throw unreadable(line);
        if (is_own && !head && found.empty()) throw unreadable(line);
        if (head && (is_own || has_target(head->number))) {
            if (!found.empty() && head->number <= found.back().number)
                throw Error{Kind::failed,
                            "tgtd's list has target " + std::to_string(head->number) +
                                " twice: expected it once; an initiator has logged in with a name "
                                "or an alias that looks like a part of the list"};
            head->at = at;
            found.push_back(*head);
        }
        at += line.size() + 1;
    }
    return found;
}

/// The parts of what is said of a target. Each begins with its title's line.
struct Parts {
    std::string_view system{}, sessions{}, units{}, accounts{}, list{};
};

/// From the end: what initiators say stands before all of these.
std::string_view cut_last(std::string_view& text, std::string_view title) {
    const auto line = "\n    " + std::string{title} + "\n";
    const auto at = text.rfind(line);
    if (at == std::string_view::npos)
        throw Error{Kind::failed, "tgtd's list has no " + text::quoted(title) + " for a target"};
    const auto part = text.substr(at + line.size());
    // The break belongs to the line before.
    text = text.substr(0, at + 1);
    return part;
}

Parts parts_of(std::string_view text) {
    Parts parts;
    parts.list = cut_last(text, "ACL information:");
    parts.accounts = cut_last(text, "Account information:");
    parts.units = cut_last(text, "LUN information:");
    const auto sessions = text.find(sessions_part);
    if (sessions == std::string_view::npos) throw unreadable(text.substr(0, text.find('\n')));
    parts.system = text.substr(0, sessions);
    parts.sessions = text.substr(sessions + sessions_part.size());
    return parts;
}

void parse_system(Target& target, const Line& line) {
    if (const auto state = after(line.text, "State: ")) target.state = *state;
}

/// A session, and then its connections. Of what initiators have made of it, as much as can be read.
void parse_nexus(Target& target, Connection& session, const Line& line) {
    if (const auto number = after(line.text, "I_T nexus: "); number && line.depth == 2)
        session = {.session = text::number<std::uint64_t>(*number).value_or(0)};
    else if (const auto name = after(line.text, "Initiator: "); name && line.depth == 3)
        session.initiator = name->substr(0, name->rfind(" alias: "));
    else if (const auto id = after(line.text, "Connection: "); id && line.depth == 3) {
        target.connections.push_back(session);
        target.connections.back().number = text::number<std::uint32_t>(*id).value_or(0);
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

std::vector<Target> parse_targets(std::string_view text, const Has_target& has_target) {
    std::vector<Target> targets;
    const auto begins = heads(text, has_target);
    for (std::size_t one = 0; one < begins.size(); ++one) {
        const auto& head = begins[one];
        const auto end = one + 1 < begins.size() ? begins[one + 1].at : text.size();
        const auto parts = parts_of(text.substr(head.at, end - head.at));
        Target target{.number = head.number, .name = std::string{head.name}};
        Connection session;
        each_line(parts.system, [&](const Line& line) { parse_system(target, line); });
        each_line(parts.sessions, [&](const Line& line) { parse_nexus(target, session, line); });
        each_line(parts.units, [&](const Line& line) { parse_unit(target, line); });
        each_line(parts.accounts, [&](const Line& line) { parse_account(target, line); });
        each_line(parts.list, [&](const Line& line) { target.list.emplace_back(line.text); });
        targets.push_back(std::move(target));
    }
    return targets;
}

std::vector<Target> parse_targets(std::string_view text) {
    return parse_targets(text, [](std::int32_t) { return true; });
}

}  // namespace san::tgt
