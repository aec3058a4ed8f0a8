// SPDX-License-Identifier: GPL-2.0-or-later
// One version of Pacemaker's CIB, read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/constraint.hpp"

namespace tinyxml2 {
class XMLElement;
}

namespace san::cluster {

/// What the cluster knows of a node's membership (node_state).
struct Node_state {
    std::optional<bool> member{};           ///< in_ccm; nothing when nobody has said
    bool online = false;                    ///< crmd: its controller has joined the process group
    std::optional<std::string> expected{};  ///< "member" or "down"
    std::string join{};                     ///< "member", "pending", "down", "banned"
    bool dead = false;                      ///< ha="dead", of old clusters
};

/// What decides whether Pacemaker has a lost node fenced.
struct Fencing_properties {
    bool enabled = true;     ///< stonith-enabled
    bool at_startup = true;  ///< startup-fencing: of nodes that were never seen
};

/// A constraint as found. One that does not have our form is somebody's own work: what it forbids
/// is not known, and it is left alone.
struct Found_constraint {
    Constraint constraint;
    bool ours = true;
};

class Cib_document {
public:
    /// Errors  failed when the text is no CIB
    explicit Cib_document(const std::string& xml);
    Cib_document(Cib_document&&) noexcept;
    Cib_document& operator=(Cib_document&&) noexcept;
    ~Cib_document();

    /// XPath of the CIB, only while it has this version.
    std::string this_version() const;
    /// Whether the partition had quorum when its DC last wrote.
    bool has_quorum() const;
    /// Whether a node that is configured is named as the DC.
    bool names_leader() const;

    /// Names of the nodes that can run resources.
    std::vector<std::string> nodes() const;
    /// The cluster's spelling of a host's name: the same name, without case, or where that gives
    /// nothing one of which only the first label is the same.
    std::optional<std::string> find_node(const std::string& host) const;
    std::optional<Node_state> find_state(const std::string& node) const;
    /// A permanent attribute of a node.
    std::optional<std::string> find_attribute(const std::string& node,
                                              const std::string& name) const;
    Fencing_properties fencing() const;

    /// The id of the clone (or `master` of older configurations) around a primitive of that DRBD
    /// resource, in a group or not, its parameters its own, referred to, or of a template. A
    /// promotable one if there are several.
    std::optional<std::string> find_clone(const std::string& resource) const;
    std::optional<Found_constraint> find_constraint(const std::string& id) const;

private:
    const tinyxml2::XMLElement* root() const;
    const tinyxml2::XMLElement* find_node_element(const std::string& node) const;

    struct Parsed;
    std::unique_ptr<Parsed> parsed_;
};

}  // namespace san::cluster
