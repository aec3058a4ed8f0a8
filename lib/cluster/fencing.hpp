// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's handlers fence-peer and unfence-peer: while a peer may lack what we write, the cluster
// must not promote it; when it has caught up, it may again.
#pragma once

#include <functional>
#include <string>

#include "cluster/cluster.hpp"
#include "cluster/fence_request.hpp"
#include "cluster/replica_facts.hpp"

namespace san::cluster {

struct Handled {
    int exit_code = fence_exit::failed;
    std::string reason{};
    bool warn = true;
    /// The peer could not be kept from promotion, or has kept us: with two Primaries one of them
    /// has to go.
    bool lost = false;
    std::string own{};           ///< this node's name in the cluster, if that is known
    bool cluster_fences = true;  ///< it would fence a node that asks for it
};

struct Fence_scene {
    std::string host;  ///< uname -n
    Cluster& cluster;
    const Files& files;
    drbd::Kernel& kernel;
    std::function<Span()> elapsed;  ///< since the program began
};

/// Both end by the longest of the request's timeouts, but for the write itself; an error is an
/// outcome as well.
Handled fence(const Fence_request& request, const Fence_scene& scene);
Handled unfence(const Fence_request& request, const Fence_scene& scene);

}  // namespace san::cluster
