// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/corosync_configuration.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::stack {

namespace {

Corosync_node node_of(const Values& section) {
    Corosync_node node;
    std::map<int, std::string> rings;
    for (const auto& [key, value] : section) {
        if (key == "name") node.name = value;
        if (key.starts_with("ring") && key.ends_with("_addr"))
            rings[text::number<int>(key.substr(4, key.size() - 9)).value_or(0)] = value;
    }
    for (const auto& [number, address] : rings) node.addresses.push_back(address);
    return node;
}

int number_of(const Values& section, const std::string& key, int fallback) {
    const auto found = section.find(key);
    return found == section.end() ? fallback : text::number<int>(found->second).value_or(fallback);
}

}  // namespace

Corosync_configuration Corosync_configuration::parse(const std::string& text) {
    Corosync_configuration found;
    std::vector<std::string> path;
    Values section;  // the innermost of those that come more than once
    std::istringstream lines{text};
    for (std::string raw; std::getline(lines, raw);) {
        const std::string line{text::trimmed(raw)};
        if (line.empty() || line.front() == '#') continue;
        if (line.back() == '{') {
            path.emplace_back(text::trimmed(line.substr(0, line.size() - 1)));
            if (path.back() == "node" || path.back() == "interface") section.clear();
            if (path.back() == "device") found.has_device = true;
            continue;
        }
        if (line == "}") {
            if (path.empty()) throw Error{Kind::failed, "corosync.conf: a } too many"};
            if (path.back() == "node") found.nodes.push_back(node_of(section));
            if (path.back() == "interface" && section.contains("bindnetaddr"))
                found.bound_networks.push_back(section["bindnetaddr"]);
            path.pop_back();
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string::npos || path.empty()) continue;
        const std::string key{text::trimmed(line.substr(0, colon))};
        const std::string value{text::trimmed(line.substr(colon + 1))};
        if (path.back() == "node" || path.back() == "interface")
            section[key] = value;
        else if (path.back() == "totem")
            found.totem[key] = value;
        else if (path.back() == "quorum")
            found.quorum[key] = value;
    }
    if (!path.empty()) throw Error{Kind::failed, "corosync.conf: a } is missing"};
    return found;
}

std::chrono::milliseconds Corosync_configuration::token() const {
    using std::chrono::milliseconds;
    const auto more = static_cast<int>(std::max<std::size_t>(nodes.size(), 2) - 2);
    // Wider than the numbers in the file, whose sum may be more than they can hold.
    return milliseconds{number_of(totem, "token", 3000)} +
           more * milliseconds{number_of(totem, "token_coefficient", 650)};
}

bool Corosync_configuration::is_two_node() const { return number_of(quorum, "two_node", 0) == 1; }

std::size_t Corosync_configuration::links() const {
    if (nodes.empty()) return bound_networks.size();
    auto fewest = nodes.front().addresses.size();
    for (const auto& node : nodes) fewest = std::min(fewest, node.addresses.size());
    return fewest;
}

}  // namespace san::stack
