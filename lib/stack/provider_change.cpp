// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/provider_change.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"

namespace san::stack {

namespace {

struct Origin {
    const char* type;
    const char* provider;
};

constexpr std::array origins{
    Origin{"LVM", "heartbeat"},         Origin{"LVM-activate", "heartbeat"},
    Origin{"iSCSITarget", "heartbeat"}, Origin{"iSCSILogicalUnit", "heartbeat"},
    Origin{"portblock", "heartbeat"},   Origin{"IPaddr2", "heartbeat"},
    Origin{"MailTo", "heartbeat"},      Origin{"drbd", "linbit"},
    Origin{"drbd-attr", "linbit"},      Origin{"SCSTTarget", "scst"},
    Origin{"SCSTLun", "scst"}};

/// The ids by which somebody may mean an agent: its own, and those of everything around it.
std::set<std::string> names(const Agent_element& element, const std::vector<Agent_element>& all) {
    std::set<std::string> found{element.id};
    found.insert(element.within.begin(), element.within.end());
    if (!element.is_template) return found;
    for (const auto& other : all)
        if (other.made_by == element.id) {
            found.insert(other.id);
            found.insert(other.within.begin(), other.within.end());
        }
    return found;
}

void refuse_unknown(const std::set<std::string>& wanted, const std::set<std::string>& known) {
    for (const auto& id : wanted)
        if (!known.contains(id))
            throw Error{Kind::misconfigured, id + ": expected the id of a resource or template"};
}

bool have_common(const std::set<std::string>& one, const std::set<std::string>& other) {
    return std::any_of(one.begin(), one.end(),
                       [&](const std::string& id) { return other.contains(id); });
}

}  // namespace

std::string Provider_change::to_text() const {
    return id + ": ocf:" + from + ":" + type + " -> ocf:" + to + ":" + type;
}

std::optional<std::string> provider_after(const std::string& provider, const std::string& type,
                                          Direction direction) {
    for (const auto& origin : origins) {
        if (type != origin.type) continue;
        if (direction == Direction::to_san && provider == origin.provider) return "san";
        if (direction == Direction::back && provider == "san") return origin.provider;
    }
    return {};
}

std::vector<Provider_change> choose(const Cib_copy& cib, const Selection& selection) {
    const auto all = cib.agents();
    std::set<std::string> known;
    std::vector<Provider_change> changes;
    for (const auto& element : all) {
        const auto meant = names(element, all);
        known.insert(meant.begin(), meant.end());
        if (!element.made_by.empty() || element.agent_class != "ocf") continue;
        const auto to = provider_after(element.provider, element.type, selection.direction);
        if (!to || have_common(meant, selection.except)) continue;
        if (!selection.only.empty() && !have_common(meant, selection.only)) continue;
        Provider_change change{
            .id = element.id, .type = element.type, .from = element.provider, .to = *to};
        for (const auto& other : all) {
            if (other.is_template) continue;
            if (other.id != element.id && other.made_by != element.id) continue;
            change.primitives.push_back(other.id);
            change.tops.insert(other.within.empty() ? other.id : other.within.front());
        }
        changes.push_back(std::move(change));
    }
    refuse_unknown(selection.only, known);
    refuse_unknown(selection.except, known);
    return changes;
}

}  // namespace san::stack
