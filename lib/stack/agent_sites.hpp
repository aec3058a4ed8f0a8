// SPDX-License-Identifier: GPL-2.0-or-later
// The cluster's nodes as places where agents are installed. This node is looked at, others are
// asked over ssh.
#pragma once

#include <string>
#include <vector>

#include "base/command.hpp"
#include "kernel/files.hpp"

namespace san::stack {

/// An agent: "ocf:PROVIDER:TYPE".
struct Agent_name {
    std::string provider{};
    std::string type{};
    std::string to_text() const { return "ocf:" + provider + ":" + type; }
    /// Source  OCF: below /usr/lib/ocf, on every distribution
    std::string path() const { return "/usr/lib/ocf/resource.d/" + provider + "/" + type; }
    friend auto operator<=>(const Agent_name&, const Agent_name&) = default;
};

/// What ssh has to be told so that it neither asks nor waits for a person: then a command.
std::vector<std::string> ssh_to(const std::string& node, std::chrono::seconds patience);

class Agent_sites {
public:
    /// `self` is this node's name in the cluster.
    Agent_sites(Commands& commands, const Files& files, std::string self)
        : commands_{&commands}, files_{&files}, self_{std::move(self)} {}

    const std::string& self() const { return self_; }

    /// Which of these agents are missing on a node, one sentence each; or why it cannot be said.
    ///
    /// Shape   the nodes' names in the cluster are host names to ssh, for root
    std::vector<std::string> problems(const std::string& node,
                                      const std::vector<Agent_name>& agents, bool trusted,
                                      const Deadline& deadline) const;

    /// Errors  failed when the agent prints none
    std::string metadata(const Agent_name& agent, const Deadline& deadline) const;

private:
    Commands* commands_;
    const Files* files_;
    std::string self_;
};

}  // namespace san::stack
