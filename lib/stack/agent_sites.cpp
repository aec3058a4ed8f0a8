// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/agent_sites.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::stack {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;

/// ssh(1): the exit status is that of the command, or 255 when there was none.
constexpr int no_connection = 255;

}  // namespace

std::vector<std::string> ssh_to(const std::string& node, std::chrono::seconds patience) {
    return {
        "ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=" + std::to_string(patience.count()),
        "--",  node};
}

std::vector<std::string> Agent_sites::problems(const std::string& node,
                                               const std::vector<Agent_name>& agents, bool trusted,
                                               const Deadline& deadline) const {
    std::vector<std::string> found;
    if (node == self_) {
        for (const auto& agent : agents)
            if (!files_->is_regular(agent.path()))
                found.push_back(agent.to_text() + " is not installed on " + node);
        return found;
    }
    if (trusted) return {};
    // What the shell there reads: provider and type have been looked up in a table of ours.
    std::string script;
    for (const auto& agent : agents)
        script += "test -x " + agent.path() + " || echo " + agent.to_text() + "; ";
    auto argv = ssh_to(node, patience);
    argv.push_back(script);
    Outcome outcome;
    try {
        outcome = commands_->run(argv, deadline.within(2 * patience));
    } catch (const Error& problem) {
        outcome = {.status = no_connection, .out = {}, .err = problem.what()};
    }
    if (outcome.status == no_connection)
        return {node +
                " cannot be asked over ssh whether it has the agents (--trust-nodes if it has): " +
                outcome.complaint()};
    for (const auto& missing : text::words(outcome.out))
        found.push_back(missing + " is not installed on " + node);
    return found;
}

std::string Agent_sites::metadata(const Agent_name& agent, const Deadline& deadline) const {
    // The agents of others need an environment that Pacemaker's tool makes.
    const auto outcome = commands_->run({"crm_resource", "--show-metadata", agent.to_text()},
                                        deadline.within(2 * patience));
    if (!outcome.ok() || outcome.out.empty())
        throw Error{Kind::failed, agent.to_text() + " prints no metadata: " + outcome.complaint()};
    return outcome.out;
}

}  // namespace san::stack
