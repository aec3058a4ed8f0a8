// SPDX-License-Identifier: GPL-2.0-or-later
// The location constraint that keeps a DRBD resource from being promoted where its data is not
// good. Ids and form are those of crm-fence-peer.sh and crm-fence-peer.9.sh of drbd-utils: either
// program finds and removes what the other one has placed.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace san::cluster {

/// One node that stays allowed: the rule is for every node of which this does not hold.
struct Allowed {
    std::string attribute;  ///< "#uname", or an attribute that nodes have in common
    std::string value;
    std::string id{};  ///< of the XML element

    /// Ids do not matter, and names of nodes are compared as the scheduler compares strings in
    /// rules: without case.
    bool same(const Allowed& other) const;
};

/// Double negation: may not have this role on any node but these.
struct Constraint {
    std::string id;
    std::string clone;
    std::string rule_id;
    std::string role;  ///< "Master", or "Promoted" in Pacemaker's newer words
    std::vector<Allowed> allowed{};

    /// As one XML element.
    std::string to_xml() const;
    /// Whether both have the same effect.
    bool same(const Constraint& other) const;
    bool allows(const Allowed& node) const;
};

/// Names of one resource's constraint.
struct Constraint_names {
    std::string prefix;  ///< as configured; ends in the resource's name once made complete
    std::string clone;

    /// Several resources can share a clone, and each needs a constraint of its own: the resource is
    /// part of the prefix unless an administrator has put it there.
    static std::string complete(const std::string& prefix, const std::string& resource);

    std::string id() const { return prefix + "-" + clone; }
    std::string rule_id() const { return prefix + "-rule-" + clone; }
    /// 8.4 knows no node ids.
    std::string allowed_id(std::optional<unsigned> node) const;
};

}  // namespace san::cluster
