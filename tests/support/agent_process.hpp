// SPDX-License-Identifier: GPL-2.0-or-later
// An agent's executable, called as the cluster calls it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/command.hpp"

namespace san::test {

class Agent_process {
public:
    Agent_process(std::string path, std::map<std::string, std::string> all)
        : parameters{std::move(all)}, path_{std::move(path)} {}

    /// Argument vector of an action, with an environment of its own.
    std::vector<std::string> command(const std::string& action) const {
        std::vector<std::string> words{"env", "-i", "OCF_RESOURCE_INSTANCE=" + instance,
                                       "OCF_EXIT_REASON_PREFIX=ocf-exit-reason:"};
        for (const auto& [name, value] : environment) words.push_back(name + "=" + value);
        for (const auto& [name, value] : parameters)
            words.push_back("OCF_RESKEY_" + name + "=" + value);
        for (const auto& word : {path_, action}) words.push_back(word);
        return words;
    }
    int act(const std::string& action) {
        const auto outcome =
            Programs{}.run(command(action), Deadline::in(std::chrono::seconds{15}), {});
        reason = outcome.err;
        return outcome.status;
    }

    std::string instance = "p_test";
    std::map<std::string, std::string> environment{};
    std::map<std::string, std::string> parameters;
    std::string reason;  ///< what the last action wrote to stderr

private:
    std::string path_;
};

}  // namespace san::test
