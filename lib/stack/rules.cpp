// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/rules.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::stack {

namespace {

Findings gaps_of(const Facts& facts) { return facts.gaps; }

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void must_exist(const std::vector<std::string>& names) {
    for (const auto& name : names)
        if (std::none_of(all_rules().begin(), all_rules().end(),
                         [&](const Rule& rule) { return rule.name == name; }))
            throw Error{Kind::misconfigured, "there is no rule " + text::quoted(name)};
}

}  // namespace

const std::vector<Rule>& all_rules() {
    static const auto rules = [] {
        std::vector<Rule> all;
        for (const auto part : {cluster_rules, resource_rules, relation_rules, target_rules,
                                drbd_rules, node_rules}) {
            auto some = part();
            all.insert(all.end(), std::make_move_iterator(some.begin()),
                       std::make_move_iterator(some.end()));
        }
        all.push_back({gap_rule, "something that was to be checked could not be read", gaps_of});
        return all;
    }();
    return rules;
}

Findings check(const Facts& facts, const std::vector<std::string>& only,
               const std::vector<std::string>& except) {
    must_exist(only);
    must_exist(except);
    Findings found;
    for (const auto& rule : all_rules()) {
        if ((!only.empty() && !contains(only, rule.name)) || contains(except, rule.name)) continue;
        for (auto& finding : rule.check(facts)) {
            finding.rule = rule.name;
            found.push_back(std::move(finding));
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return found;
}

}  // namespace san::stack
