// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/agent_advice.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_elements.hpp"
#include "stack/constraints.hpp"

namespace san::stack {

namespace {

using cluster::each_child;
using cluster::Element;
using cluster::is;
using cluster::value_of;

/// Names of providers and agents are names of files there.
bool is_name(const std::string& word) {
    return !word.empty() && word.front() != '.' &&
           word.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               std::string::npos;
}

}  // namespace

Values advice_in(const std::string& metadata) {
    tinyxml2::XMLDocument document;
    const auto* top = document.Parse(metadata.data(), metadata.size()) == tinyxml2::XML_SUCCESS
                          ? document.RootElement()
                          : nullptr;
    if (!top || !is(*top, "resource-agent"))
        throw Error{Kind::failed, "this is no metadata of an agent"};
    Values found;
    std::map<std::string, int> depths;
    each_child(top->FirstChildElement("actions"), [&](const Element& action) {
        const auto name = value_of(action, "name");
        constexpr std::array judged{"start", "stop", "promote", "demote", "notify", "monitor"};
        if (std::find(judged.begin(), judged.end(), name) == judged.end()) return;
        const auto role = todays_role(value_of(action, "role"));
        const auto key = role.empty() ? name : name + ":" + role;
        const auto depth = text::number<int>(value_of(action, "depth")).value_or(0);
        const auto known = depths.find(key);
        if (known != depths.end() && known->second <= depth) return;
        depths[key] = depth;
        found[key] = value_of(action, "timeout");
    });
    return found;
}

Advice ask_agents(const Configuration& configuration, const std::filesystem::path& root,
                  Commands& commands, const Deadline& deadline, Findings& gaps) {
    Advice advice;
    std::map<std::string, std::string> missing;
    for (const auto& resource : configuration.resources) {
        const auto agent = resource.agent();
        if (resource.standard != "ocf" || advice.contains(agent) || missing.contains(agent))
            continue;
        try {
            if (!is_name(resource.provider) || !is_name(resource.type))
                throw Error{Kind::misconfigured, "this is no name of an agent"};
            const auto path = root / "resource.d" / resource.provider / resource.type;
            advice[agent] = advice_in(commands.must({path.string(), "meta-data"}, deadline).out);
        } catch (const Error& problem) {
            missing[agent] = problem.what();
        }
    }
    for (const auto& [agent, why] : missing)
        gaps.push_back({.severity = Severity::note,
                        .subject = agent,
                        .reason = "its timeouts were not compared with what it advises: " + why});
    return advice;
}

}  // namespace san::stack
