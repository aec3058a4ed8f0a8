// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/status_sources.hpp"

#include <algorithm>
#include <future>

#include "base/error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "stack/agent_sites.hpp"
#include "stack/configuration.hpp"

namespace san::stack {

namespace {

using namespace std::chrono_literals;

constexpr auto connect_time = 3s;
// What is left for whoever is asked after one that took its time.
constexpr auto share = 5s;

void ask_cluster(Status& status, Commands& commands, const Deadline& deadline) try {
    status.cluster = look(commands, deadline.within(share));
    status.service_addresses =
        service_addresses(commands.must({"cibadmin", "--query"}, deadline.within(share)).out);
} catch (const Error& problem) {
    status.no_cluster = problem.what();
}

Node_report ask_node(const std::string& name, Commands& commands, const Deadline& deadline) try {
    auto argv = ssh_to(name, connect_time);
    argv.insert(argv.end(), {"san-status", "--local", "--output-as=json"});
    const auto outcome = commands.run(argv, deadline);
    if (!outcome.ok()) return {.name = name, .status = {}, .not_asked = outcome.complaint()};
    return {.name = name, .status = node_from_json(outcome.out), .not_asked = {}};
} catch (const Error& problem) {
    return {.name = name, .status = {}, .not_asked = problem.what()};
}

}  // namespace

std::vector<std::string> service_addresses(const std::string& cib) {
    std::vector<std::string> found;
    for (const auto& resource : Configuration::parse(cib).resources) {
        const auto address = resource.is("IPaddr2") ? resource.parameter("ip") : "";
        if (!address.empty() && std::find(found.begin(), found.end(), address) == found.end())
            found.push_back(address);
    }
    return found;
}

std::string own_name(Commands& commands, const Deadline& deadline) try {
    const auto outcome = commands.run({"crm_node", "--name"}, deadline.within(share));
    const std::string name{text::trimmed(outcome.out)};
    return outcome.ok() && !name.empty() ? name : host_name();
} catch (const Error&) {
    return host_name();
}

Status gather(System& node, bool all_nodes, const Deadline& deadline) {
    Status status;
    ask_cluster(status, node.commands, deadline);
    // Before there are threads: it forks.
    Node_report own{
        .name = node.name, .status = look_at_node(node, deadline.within(share)), .not_asked = {}};
    std::vector<std::future<Node_report>> answers;
    if (status.cluster)
        for (const auto& seen : status.cluster->nodes) {
            if (seen.name == node.name) continue;
            answers.push_back(
                std::async(std::launch::async, [&, name = seen.name, online = seen.online] {
                    if (!online)
                        return Node_report{.name = name, .status = {}, .not_asked = "offline"};
                    if (!all_nodes)
                        return Node_report{.name = name, .status = {}, .not_asked = "not wanted"};
                    return ask_node(name, node.commands, deadline);
                }));
        }
    status.nodes.push_back(std::move(own));
    for (auto& answer : answers) status.nodes.push_back(answer.get());
    std::sort(status.nodes.begin(), status.nodes.end(),
              [](const auto& one, const auto& other) { return one.name < other.name; });
    return status;
}

}  // namespace san::stack
