// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/value_sets.hpp"

#include <algorithm>

namespace san::stack {

using cluster::each_child;
using cluster::is;
using cluster::resolved;
using cluster::value_of;

Value_sets values_in(const Element& top, const Element& owner, const char* kind,
                     const std::string& first) {
    struct Set {
        const Element* element;
        int score;
    };
    std::vector<Set> sets;
    Value_sets found;
    each_child(&owner, [&](const Element& child) {
        if (!is(child, kind)) return;
        const auto& set = resolved(top, child);
        if (set.FirstChildElement("rule")) {
            found.has_rules = true;
            return;
        }
        const bool is_first = !first.empty() && value_of(set, "id") == first;
        sets.push_back(
            {&set, is_first ? infinity + 1 : score_of(value_of(set, "score")).value_or(0)});
    });
    std::reverse(sets.begin(), sets.end());
    std::stable_sort(sets.begin(), sets.end(),
                     [](const Set& a, const Set& b) { return a.score > b.score; });
    for (const auto& set : sets)
        each_child(set.element, [&](const Element& entry) {
            if (!is(entry, "nvpair")) return;
            const auto& pair = resolved(top, entry);
            // A reference may give the value another name.
            const auto given = value_of(entry, "name");
            found.values.emplace(given.empty() ? value_of(pair, "name") : given,
                                 value_of(pair, "value"));
        });
    return found;
}

void add_missing(Values& values, const Values& more) { values.insert(more.begin(), more.end()); }

}  // namespace san::stack
