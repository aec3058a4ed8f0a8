// SPDX-License-Identifier: GPL-2.0-or-later
// The cluster as a fence handler sees it: its configuration and state as one document (the CIB),
// changed only if it is still the one that was judged, and the controllers of its nodes.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/command.hpp"

namespace san::cluster {

using Span = std::chrono::milliseconds;

/// One change below the CIB's constraints.
struct Edit {
    enum class Verb { add, replace, remove };
    Verb verb = Verb::add;
    /// XPath of the one place that is meant, with the version of the CIB that was judged in it: in
    /// another version nothing is there.
    std::string where;
    /// The element; for add, in the element that gets it. Nothing for remove.
    std::string xml{};
};

/// What the controller of this node says about it.
struct Self {
    std::string name;
    bool has_quorum = false;
};

class Cluster {
public:
    virtual ~Cluster() = default;

    // Every call ends within the time it is allowed, give or take a second.

    /// The whole CIB as this node has it. Errors: failed when the cluster does not answer
    virtual std::string query(Span allowed) = 0;
    /// False when the place is not there (any more); a removal can find nothing and return true, so
    /// look again. Errors: failed
    virtual bool change(const Edit& edit, Span allowed) = 0;
    /// Waits until the CIB may have changed, at most that long.
    virtual void wait(Span allowed) = 0;
    /// Nothing when the controller does not answer.
    virtual std::optional<Self> find_self(Span allowed) = 0;
    /// Whether a node's controller answers; without a name, that of the DC.
    virtual bool answers(const std::string& node, Span allowed) = 0;
};

/// Through libsan-cib.so, which has Pacemaker's libraries; through its programs when that, or
/// something it needs, is not there. The environment of Pacemaker's tools has its usual meaning:
/// with CIB_file no daemon is asked.
std::unique_ptr<Cluster> make_cluster(Commands& commands);

/// The second of the two: cibadmin, crmadmin and crm_node.
std::unique_ptr<Cluster> make_cluster_of_programs(Commands& commands);

/// Whether a file stands for the cluster (CIB_file).
bool is_file();

}  // namespace san::cluster
