// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/constraints.hpp"

#include "base/text.hpp"

namespace san::stack {

namespace {

using cluster::each_child;
using cluster::Element;
using cluster::is;
using cluster::is_not_false;
using cluster::value_of;

std::string either(const std::string& value, const std::string& fallback) {
    return value.empty() ? fallback : value;
}

/// A resource_set.
struct Set {
    std::vector<std::string> members{};
    bool sequential = true;
    std::string role{};
    std::string action{};
    int score = 0;
};

std::vector<Set> sets_of(const Element& constraint, int score) {
    std::vector<Set> sets;
    each_child(&constraint, [&](const Element& child) {
        if (!is(child, "resource_set")) return;
        const auto ordered = value_of(child, "sequential");
        Set set{.sequential = ordered.empty() || is_not_false(ordered),
                .role = todays_role(value_of(child, "role")),
                .action = value_of(child, "action"),
                .score = score_of(value_of(child, "score")).value_or(score)};
        each_child(&child, [&](const Element& member) {
            if (is(member, "resource_ref")) set.members.push_back(value_of(member, "id"));
        });
        if (!set.members.empty()) sets.push_back(std::move(set));
    });
    return sets;
}

using Names = std::vector<std::string>;

Names first_of(const Set& set) { return set.sequential ? Names{set.members.front()} : set.members; }
Names last_of(const Set& set) { return set.sequential ? Names{set.members.back()} : set.members; }

/// Without a score it has 0 and binds nothing (crm_simulate 2.1.5).
///
/// Each member of a sequential set is placed with the one before it; sets are placed with the set
/// after them (unpack_colocation_set() and colocate_rsc_sets() in Pacemaker's scheduler).
void read_colocation(const Element& element, Configuration& into) {
    const auto score = score_of(value_of(element, "score")).value_or(0);
    const bool has_rules = element.FirstChildElement("rule") != nullptr;
    const Colocation base{.id = value_of(element, "id"), .score = score, .has_rules = has_rules};
    const auto sets = sets_of(element, score);
    if (sets.empty()) {
        auto pair = base;
        pair.rsc = value_of(element, "rsc");
        pair.role = todays_role(value_of(element, "rsc-role"));
        pair.with_rsc = value_of(element, "with-rsc");
        pair.with_role = todays_role(value_of(element, "with-rsc-role"));
        into.colocations.push_back(std::move(pair));
    }
    const auto add = [&](const std::string& rsc, const Set& of, const std::string& with_rsc,
                         const Set& of_with, int value) {
        auto pair = base;
        pair.score = value;
        pair.rsc = rsc;
        pair.role = of.role;
        pair.with_rsc = with_rsc;
        pair.with_role = of_with.role;
        into.colocations.push_back(std::move(pair));
    };
    for (std::size_t at = 0; at < sets.size(); ++at) {
        const auto& set = sets[at];
        for (std::size_t member = 1; set.sequential && member < set.members.size(); ++member)
            add(set.members[member], set, set.members[member - 1], set, set.score);
        if (at + 1 == sets.size()) break;
        for (const auto& rsc : first_of(set))
            for (const auto& with_rsc : last_of(sets[at + 1]))
                add(rsc, set, with_rsc, sets[at + 1], score);
    }
}

/// Without a kind, a score of 0 means Optional, and of more Mandatory.
std::string kind_of(const Element& element) {
    const auto kind = value_of(element, "kind");
    if (!kind.empty()) return kind;
    const auto score = score_of(value_of(element, "score"));
    return score && *score <= 0 ? "Optional" : "Mandatory";
}

void read_order(const Element& element, Configuration& into) {
    Order base{.id = value_of(element, "id"), .kind = kind_of(element)};
    const auto symmetrical = value_of(element, "symmetrical");
    base.symmetrical = symmetrical.empty() ? base.kind != "Serialize" : is_not_false(symmetrical);
    const auto sets = sets_of(element, 0);
    const auto add = [&](const std::string& first, const std::string& first_action,
                         const std::string& then, const std::string& then_action) {
        auto pair = base;
        pair.first = first;
        pair.first_action = either(first_action, "start");
        pair.then = then;
        // What follows does the same, unless something else is written.
        pair.then_action = either(then_action, pair.first_action);
        into.orders.push_back(std::move(pair));
    };
    if (sets.empty())
        add(value_of(element, "first"), value_of(element, "first-action"),
            value_of(element, "then"), value_of(element, "then-action"));
    for (std::size_t at = 0; at < sets.size(); ++at) {
        const auto& set = sets[at];
        const auto action = either(set.action, "start");
        for (std::size_t member = 1; set.sequential && member < set.members.size(); ++member)
            add(set.members[member - 1], action, set.members[member], action);
        if (at + 1 == sets.size()) break;
        const auto& next = sets[at + 1];
        for (const auto& first : last_of(set))
            for (const auto& then : first_of(next))
                add(first, action, then, either(next.action, "start"));
    }
}

Location_rule rule_of(const Element& element) {
    Location_rule rule{.id = value_of(element, "id"),
                       .score = value_of(element, "score"),
                       .role = todays_role(value_of(element, "role"))};
    each_child(&element, [&](const Element& child) {
        if (is(child, "expression"))
            rule.expressions.push_back({.attribute = value_of(child, "attribute"),
                                        .operation = value_of(child, "operation"),
                                        .value = value_of(child, "value")});
    });
    return rule;
}

void read_location(const Element& element, Configuration& into) {
    Location location{.id = value_of(element, "id"),
                      .pattern = value_of(element, "rsc-pattern"),
                      .node = value_of(element, "node"),
                      .score = score_of(value_of(element, "score")).value_or(0),
                      .role = todays_role(value_of(element, "role"))};
    if (const auto rsc = value_of(element, "rsc"); !rsc.empty()) location.resources.push_back(rsc);
    for (const auto& set : sets_of(element, 0))
        location.resources.insert(location.resources.end(), set.members.begin(), set.members.end());
    each_child(&element, [&](const Element& child) {
        if (is(child, "rule")) location.rules.push_back(rule_of(child));
    });
    into.locations.push_back(std::move(location));
}

}  // namespace

std::string todays_role(const std::string& role) {
    const auto word = text::lower(role);
    if (word == "master" || word == "promoted") return "Promoted";
    if (word == "slave" || word == "unpromoted") return "Unpromoted";
    return role;
}

void read_constraints(const Element* constraints, Configuration& into) {
    each_child(constraints, [&](const Element& element) {
        if (is(element, "rsc_colocation")) read_colocation(element, into);
        if (is(element, "rsc_order")) read_order(element, into);
        if (is(element, "rsc_location")) read_location(element, into);
    });
}

}  // namespace san::stack
