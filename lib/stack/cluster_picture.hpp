// SPDX-License-Identifier: GPL-2.0-or-later
// What Pacemaker sees at one moment: its nodes, what runs where, and what went wrong.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"

namespace san::stack {

struct Node_seen {
    std::string name{};
    bool online = false;
    bool standby = false;
    bool maintenance = false;
    bool pending = false;  ///< it joins
    bool unclean = false;  ///< it has to be fenced
    bool leads = false;    ///< it is the DC
    bool is_remote = false;
    friend bool operator==(const Node_seen&, const Node_seen&) = default;
};

/// One instance of a resource, or a resource that is nowhere.
struct Instance_seen {
    std::string id{};     ///< with ":1" in a clone whose instances differ
    std::string agent{};  ///< "ocf:san:LVM"
    std::string role{};   ///< "Started", "Promoted", "Unpromoted", "Stopped" and the like
    std::vector<std::string> nodes{};
    std::vector<std::string> within{};  ///< the group and clone around it, outermost first
    bool active = false;
    bool orphaned = false;
    bool blocked = false;
    bool managed = true;
    bool failed = false;
    std::string pending{};  ///< what is being done to it
};

struct Failure_seen {
    std::string operation{};  ///< "p_lvm_monitor_30000"
    std::string node{};
    std::string result{};  ///< Pacemaker's word for the exit status
    std::string reason{};
};

struct Ban_seen {
    std::string id{};
    std::string resource{};
    std::string node{};
    bool promoted_only = false;
};

/// One fencing action that is going on, or failed.
struct Fencing_seen {
    std::string target{};
    std::string action{};
    std::string status{};  ///< "pending", "failed", "success"
};

class Cluster_picture {
public:
    std::optional<std::string> leader{};
    bool has_quorum = false;
    bool in_maintenance = false;
    bool fences = false;
    std::vector<Node_seen> nodes{};
    std::vector<Instance_seen> instances{};
    std::vector<Failure_seen> failures{};
    std::vector<Ban_seen> bans{};
    std::vector<Fencing_seen> fencings{};
    /// Node attributes: by node, then name.
    std::map<std::string, std::map<std::string, std::string>> attributes{};

    const Node_seen* find_node(const std::string& name) const;
};

/// Where resources are: "p_drbd@alice" in the role "Promoted". A clone's instances that are alike
/// have one name. What runs nowhere is not in it.
using Places = std::map<std::string, std::string>;
Places places(const Cluster_picture& picture);

/// Shape   what `crm_mon --output-as=xml` prints, of Pacemaker 2.1 and 3.0
/// Source  /usr/share/pacemaker/api/crm_mon-*.rng
/// Errors  failed when it is something else
Cluster_picture read_picture(const std::string& xml);

/// Errors  failed when the cluster does not answer; not_installed
Cluster_picture look(Commands& commands, const Deadline& deadline);

}  // namespace san::stack
