// SPDX-License-Identifier: GPL-2.0-or-later
// The cluster's configuration as an administrator wrote it, read from a CIB into values: what is
// referred to, inherited or shortened there is spelled out here.
//
// Sets of values that have a rule hold only at times or on some nodes. They are left aside, and
// whoever has one says so (`has_rules`).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace san::stack {

using Values = std::map<std::string, std::string>;

constexpr int infinity = 1'000'000;

/// A score in Pacemaker's words; beyond INFINITY is INFINITY. Nothing when it is none.
std::optional<int> score_of(const std::string& text);

struct Operation {
    std::string id{};
    std::string name{};
    std::string interval{};  ///< as written: "10s", "0"; empty is 0
    std::string timeout{};   ///< as written, or the default of operations; empty when nobody says
    std::string role{};      ///< in today's words: "Started", "Promoted", "Unpromoted", "Stopped"
    Values other{};          ///< further attributes, as "on-fail" or "enabled"
};

struct Resource {
    std::string id{};
    std::string standard{};  ///< "ocf", "stonith", "systemd", ...
    std::string provider{};  ///< of ocf only
    std::string type{};
    Values parameters{};
    Values meta{};  ///< own, then the group's, the clone's, then the defaults of resources
    std::vector<Operation> operations{};
    std::string group{};       ///< id; empty when it is in none
    std::size_t position = 0;  ///< in the group, from 0
    std::string clone{};       ///< id; empty when it is in none
    bool has_rules = false;

    /// "ocf:san:drbd"
    std::string agent() const;
    bool is(const std::string& type_of_ocf) const {
        return standard == "ocf" && type == type_of_ocf;
    }
    /// A parameter; empty when it is not set.
    std::string parameter(const std::string& name) const;
    /// The outermost one of resource, group and clone: what constraints name.
    const std::string& outermost() const;
};

struct Group {
    std::string id{};
    std::vector<std::string> members{};
    std::string clone{};
};

struct Clone {
    std::string id{};
    bool is_promotable = false;
    Values meta{};
    std::vector<std::string> members{};  ///< primitives
};

/// "rsc is placed with with_rsc". A set is spelled out as the pairs that it stands for.
struct Colocation {
    std::string id{};
    int score = 0;
    std::string rsc{};
    std::string role{};  ///< as with operations; empty: any
    std::string with_rsc{};
    std::string with_role{};
    bool has_rules = false;
};

/// "first, then then". A set is spelled out as the pairs that it stands for.
struct Order {
    std::string id{};
    std::string kind{};  ///< "Mandatory", "Optional", "Serialize"
    std::string first{};
    std::string first_action{};  ///< "start" unless something else is written
    std::string then{};
    std::string then_action{};
    bool symmetrical = true;

    bool is_mandatory() const { return kind == "Mandatory"; }
};

struct Expression {
    std::string attribute{};
    std::string operation{};
    std::string value{};
};

struct Location_rule {
    std::string id{};
    std::string score{};  ///< as written; empty when an attribute gives it
    std::string role{};
    std::vector<Expression> expressions{};
};

struct Location {
    std::string id{};
    std::vector<std::string> resources{};  ///< none when a pattern names them
    std::string pattern{};
    std::string node{};
    int score = 0;
    std::string role{};
    std::vector<Location_rule> rules{};
};

struct Node {
    std::string id{};
    std::string name{};
    Values attributes{};  ///< permanent ones
};

struct Configuration {
    std::vector<Resource> resources{};  ///< primitives in the document's order
    std::vector<Group> groups{};
    std::vector<Clone> clones{};
    std::vector<Colocation> colocations{};
    std::vector<Order> orders{};
    std::vector<Location> locations{};
    Values properties{};
    Values resource_defaults{};
    Values operation_defaults{};
    std::vector<Node> nodes{};

    /// Shape   a whole CIB, or its element <configuration> alone; bundles are not read
    /// Errors  failed when the text is neither
    /// Source  xml/*.rng and "Pacemaker Explained" of Pacemaker 2.1 and 3.0
    static Configuration parse(const std::string& xml);

    const Resource* find_resource(const std::string& id) const;
    const Group* find_group(const std::string& id) const;
    const Clone* find_clone(const std::string& id) const;
    /// The primitives behind the id of a primitive, group or clone.
    std::vector<const Resource*> primitives_of(const std::string& id) const;
    /// A property of the cluster by one of its names; empty when none is set.
    std::string property(const std::vector<std::string>& names) const;
};

}  // namespace san::stack
