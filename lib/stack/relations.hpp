// SPDX-License-Identifier: GPL-2.0-or-later
// Which resources start after which, and which are on one node, by all constraints and groups
// together.
#pragma once

#include <map>
#include <set>
#include <string>

#include "stack/configuration.hpp"

namespace san::stack {

class Relations {
public:
    explicit Relations(const Configuration& configuration);

    /// Whether an action of `first` has to be over before `then` starts, by mandatory orders that
    /// hold for stopping too. Both are primitives; actions are "start" and "promote".
    bool is_before(const Resource& first, const std::string& action, const Resource& then) const;
    /// Whether both run on one node or the dependent one not at all (INFINITY). Through resources
    /// that are cloned only where they are promoted.
    bool are_together(const Resource& one, const Resource& other) const;
    /// Whether `rsc` runs only where `replica` is promoted.
    bool is_where_promoted(const Resource& rsc, const Resource& replica) const;

private:
    /// A primitive and its action, or its role.
    using Point = std::pair<std::string, std::string>;
    using Arrows = std::map<Point, std::set<Point>>;

    static std::set<Point> reached(const Arrows& arrows, const Point& from);
    void follow(const Configuration& configuration, const Order& order);
    void follow(const Configuration& configuration, const Colocation& colocation);
    /// Where a primitive of no clone, or the promoted side of one, is bound to be.
    std::set<Point> places(const Resource& rsc) const;

    Arrows after_{};
    Arrows with_{};
    std::set<std::string> cloned_{};
};

}  // namespace san::stack
