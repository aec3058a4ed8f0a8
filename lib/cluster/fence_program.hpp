// SPDX-License-Identifier: GPL-2.0-or-later
// The program around fence and unfence: lock, log, and an end to everything.
#pragma once

#include <string>
#include <vector>

#include "base/process.hpp"
#include "cluster/fencing.hpp"

namespace san::cluster {

/// What the program is run in; tests have their own.
struct Fence_world {
    std::string host;
    Cluster& cluster;
    const Files& files;
    drbd::Kernel& kernel;
    Commands& commands;
    Variables environment;
    bool at_terminal = false;
    /// Only for the time before a node reboots itself.
    std::function<void(std::chrono::seconds)> sleep{};
};

/// `name` as the program was called: one with "unfence" in it unfences.
/// Returns the exit status. DRBD understands 3 to 7 of fence-peer.
int run_fence_program(const std::string& name, const std::vector<std::string>& arguments,
                      const Fence_world& world);

}  // namespace san::cluster
