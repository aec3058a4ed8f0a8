// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/iet_listing.hpp"

#include <functional>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::iet {

namespace {

Error unreadable(std::string_view line) {
    return Error{Kind::failed, "IET's list has " + text::quoted(line) + ": expected another line"};
}

void each_line(std::string_view text, const std::function<void(std::string_view)>& take) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        take(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

/// Takes "key:value" and the blank behind it off the front of a line. Nothing when another key is
/// there.
std::optional<std::string_view> take(std::string_view& line, std::string_view key) {
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") return {};
    line.remove_prefix(key.size() + 1);
    const auto end = line.find(' ');
    const auto value = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return value;
}

template <class Number>
std::optional<Number> take_number(std::string_view& line, std::string_view key, int base = 10) {
    const auto value = take(line, key);
    if (!value) return {};
    return text::number<Number>(*value, base);
}

/// The last of a line, which may have blanks.
std::optional<std::string> take_rest(std::string_view& line, std::string_view key) {
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") return {};
    return std::string{line.substr(key.size() + 1)};
}

std::optional<Target> find_head(std::string_view line) {
    const auto number = take_number<std::uint32_t>(line, "tid");
    const auto name = take_rest(line, "name");
    if (!number || !name || name->empty()) return {};
    return Target{.number = *number, .name = *name};
}

/// l_state: IDEV_RUNNING and IDEV_DEL, kernel/iscsi.h.
Unit parse_unit(std::string_view line) {
    const auto whole = line;
    line.remove_prefix(1);
    const auto number = take_number<std::uint32_t>(line, "lun");
    const auto state = take_number<unsigned>(line, "state", 16);
    const auto type = take(line, "iotype");
    if (!number || !state || *state > 1 || !type) throw unreadable(whole);
    Unit unit{.number = *number, .is_leaving = *state == 1, .type = std::string{*type}};
    if (const auto mode = take(line, "iomode")) unit.mode = *mode;
    take(line, "blocks");
    if (line.starts_with("blocksize:")) {
        const auto size = take_number<unsigned>(line, "blocksize");
        if (!size) throw unreadable(whole);
        unit.block_size = *size;
    }
    if (line.empty()) return unit;
    const auto path = take_rest(line, "path");
    if (!path) throw unreadable(whole);
    unit.path = *path;
    return unit;
}

/// Of "\t\tcid:0 ip:10.0.0.1 state:active ...".
std::optional<Connection> find_connection(std::string_view line) {
    if (!line.starts_with("\t\t")) return {};
    line.remove_prefix(2);
    const auto number = take_number<std::uint32_t>(line, "cid");
    const auto address = take(line, "ip");
    if (!number || !address) return {};
    return Connection{.number = *number, .address = std::string{*address}};
}

/// Of "\tsid:1 initiator:iqn...".
std::optional<Connection> find_session(std::string_view line) {
    if (!line.starts_with('\t')) return {};
    line.remove_prefix(1);
    const auto number = take_number<std::uint64_t>(line, "sid");
    const auto initiator = take_rest(line, "initiator");
    if (!number || !initiator) return {};
    return Connection{.session = *number, .initiator = *initiator};
}

}  // namespace

std::vector<Target> parse_volumes(std::string_view text) {
    std::vector<Target> targets;
    each_line(text, [&](std::string_view line) {
        if (line.starts_with('\t') && !targets.empty())
            targets.back().units.push_back(parse_unit(line));
        else if (auto head = find_head(line))
            targets.push_back(std::move(*head));
        else
            throw unreadable(line);
    });
    return targets;
}

std::vector<Connection> parse_connections(std::string_view text, std::uint32_t target) {
    std::vector<Connection> found;
    bool is_ours = false;
    std::optional<Connection> session;
    each_line(text, [&](std::string_view line) {
        if (const auto head = find_head(line)) {
            is_ours = head->number == target;
            session.reset();
        } else if (auto next = find_session(line)) {
            session = std::move(next);
        } else if (const auto one = find_connection(line); one && is_ours && session) {
            found.push_back(*session);
            found.back().number = one->number;
            found.back().address = one->address;
        }
    });
    return found;
}

std::vector<Connection> possible_connections(std::string_view text) {
    std::map<std::uint64_t, std::string> sessions;
    std::set<std::uint32_t> numbers;
    each_line(text, [&](std::string_view line) {
        if (const auto session = find_session(line))
            sessions.emplace(session->session, session->initiator);
        else if (const auto one = find_connection(line))
            numbers.insert(one->number);
    });
    std::vector<Connection> found;
    for (const auto& [session, initiator] : sessions)
        for (const auto number : numbers)
            found.push_back({.session = session, .number = number, .initiator = initiator});
    return found;
}

std::vector<Parameter> parse_parameters(std::string_view text) {
    std::vector<Parameter> found;
    each_line(text, [&](std::string_view line) {
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) throw unreadable(line);
        found.push_back(
            {std::string{line.substr(0, equals)}, std::string{line.substr(equals + 1)}});
    });
    return found;
}

}  // namespace san::iet
