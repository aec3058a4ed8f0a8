// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tgt_listing.hpp"

#include <algorithm>

#include "kernel/tgt_lines.hpp"

namespace san::tgt {

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
