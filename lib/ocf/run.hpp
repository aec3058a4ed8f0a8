// SPDX-License-Identifier: GPL-2.0-or-later
// One action from its name to its exit code.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernel/system.hpp"
#include "ocf/agent.hpp"

namespace san::ocf {

/// How an action ended, and what it has to say.
struct Outcome {
    int code = 0;
    std::string out{};  ///< for stdout
    std::string err{};  ///< for stderr: the exit reason
};

/// Runs one action.
///
/// Shape   arguments as on the command line, without the program; only the first counts
///         system is called when an action needs the node: meta-data does not
/// Errors  none thrown: each ends in an exit code and one exit-reason line
Outcome run(Agent& agent, const std::vector<std::string>& arguments, Environment environment,
            const std::function<System&()>& system);

}  // namespace san::ocf
