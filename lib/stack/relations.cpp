// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/relations.hpp"

#include <algorithm>
#include <vector>

namespace san::stack {

namespace {

// A role that a colocation does not name.
constexpr auto any = "";
constexpr auto promoted = "Promoted";

}  // namespace

Relations::Relations(const Configuration& configuration) {
    for (const auto& resource : configuration.resources) {
        if (!resource.clone.empty()) cloned_.insert(resource.id);
        after_[{resource.id, "start"}].insert({resource.id, "promote"});
    }
    for (const auto& group : configuration.groups)
        for (std::size_t at = 1; at < group.members.size(); ++at) {
            after_[{group.members[at - 1], "start"}].insert({group.members[at], "start"});
            with_[{group.members[at], any}].insert({group.members[at - 1], any});
        }
    for (const auto& order : configuration.orders) follow(configuration, order);
    for (const auto& colocation : configuration.colocations) follow(configuration, colocation);
}

void Relations::follow(const Configuration& configuration, const Order& order) {
    if (!order.is_mandatory() || !order.symmetrical) return;
    for (const auto* first : configuration.primitives_of(order.first))
        for (const auto* then : configuration.primitives_of(order.then))
            after_[{first->id, order.first_action}].insert({then->id, order.then_action});
}

void Relations::follow(const Configuration& configuration, const Colocation& colocation) {
    if (colocation.score < infinity || colocation.has_rules) return;
    const auto role = [](const std::string& word) { return word == promoted ? promoted : any; };
    for (const auto* rsc : configuration.primitives_of(colocation.rsc))
        for (const auto* with : configuration.primitives_of(colocation.with_rsc))
            with_[{rsc->id, role(colocation.role)}].insert({with->id, role(colocation.with_role)});
}

std::set<Relations::Point> Relations::reached(const Arrows& arrows, const Point& from) {
    std::set<Point> found;
    std::vector<Point> left{from};
    while (!left.empty()) {
        const auto at = left.back();
        left.pop_back();
        const auto next = arrows.find(at);
        if (next == arrows.end()) continue;
        for (const auto& each : next->second)
            if (found.insert(each).second) left.push_back(each);
    }
    return found;
}

bool Relations::is_before(const Resource& first, const std::string& action,
                          const Resource& then) const {
    const auto later = reached(after_, {first.id, action});
    return later.contains({then.id, "start"});
}

std::set<Relations::Point> Relations::places(const Resource& rsc) const {
    const Point self{rsc.id, cloned_.contains(rsc.id) ? promoted : any};
    auto found = reached(with_, self);
    found.insert(self);
    // Where a clone's instance merely runs is no place of its own.
    std::erase_if(found, [&](const Point& point) {
        return point.second == any && cloned_.contains(point.first);
    });
    return found;
}

bool Relations::are_together(const Resource& one, const Resource& other) const {
    const auto of_other = places(other);
    const auto of_one = places(one);
    return std::any_of(of_one.begin(), of_one.end(),
                       [&](const Point& point) { return of_other.contains(point); });
}

bool Relations::is_where_promoted(const Resource& rsc, const Resource& replica) const {
    for (const auto* role : {any, promoted}) {
        const auto found = reached(with_, {rsc.id, role});
        if (found.contains({replica.id, promoted})) return true;
    }
    // The other way round the promoted side follows, which comes to the same place.
    return reached(with_, {replica.id, promoted}).contains({rsc.id, any});
}

}  // namespace san::stack
