// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/promoted.hpp"

#include <string_view>

namespace san::cluster {

std::optional<std::vector<std::string>> promoted_nodes(const std::string& resource,
                                                       Commands& commands,
                                                       const Deadline& deadline) {
    const auto outcome = commands.run(
        {"crm_resource", "--resource", resource, "--locate", "--output-as=xml"}, deadline);
    if (!outcome.ok()) return {};
    // <node state="promoted">alice</node>: names of nodes need no escapes.
    constexpr std::string_view promoted{"<node state=\"promoted\">"};
    const std::string_view text{outcome.out};
    std::vector<std::string> nodes;
    for (auto at = text.find(promoted); at != std::string_view::npos;
         at = text.find(promoted, at)) {
        at += promoted.size();
        nodes.emplace_back(text.substr(at, text.find('<', at) - at));
    }
    return nodes;
}

}  // namespace san::cluster
