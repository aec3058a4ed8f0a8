// SPDX-License-Identifier: GPL-2.0-or-later
// Operations and meta attributes of resources.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "cluster/cib_elements.hpp"
#include "stack/duration.hpp"
#include "stack/relations.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"

namespace san::stack {

namespace {

using cluster::is_not_false;
using cluster::is_true;

std::string set_meta(const std::string& resource, const std::string& name,
                     const std::string& value) {
    return "crm_resource --resource " + resource + " --meta --set-parameter " + name +
           " --parameter-value " + value;
}

const Clone* clone_of(const Resource& resource, const Facts& facts) {
    return resource.clone.empty() ? nullptr : facts.cluster->find_clone(resource.clone);
}

Findings drbd_clone(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto* drbd : select(*facts.cluster, is_drbd)) {
        const auto* clone = clone_of(*drbd, facts);
        if (clone && clone->is_promotable) continue;
        found.push_back({.severity = Severity::error,
                         .subject = drbd->id,
                         .reason =
                             "DRBD has to run on all nodes and be promoted on one: this is no "
                             "promotable clone",
                         .mend = clone ? set_meta(clone->id, "promotable", "true")
                                       : "crm configure clone ms_" + drbd->id + " " + drbd->id +
                                             " meta promotable=true notify=true clone-max=2 "
                                             "promoted-max=1 interleave=true"});
    }
    return found;
}

Findings drbd_notify(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto* drbd : select(*facts.cluster, is_drbd)) {
        const auto* clone = clone_of(*drbd, facts);
        if (!clone || is_true(meta_of(*clone, "notify")) ||
            is_true(drbd->parameter("ignore_missing_notifications")))
            continue;
        found.push_back({.severity = Severity::error,
                         .subject = clone->id,
                         .reason =
                             "without notify=true nobody tells DRBD that its peer starts, stops "
                             "or was promoted: scores are late, and a stopped peer is not marked "
                             "Outdated",
                         .mend = set_meta(clone->id, "notify", "true")});
    }
    return found;
}

/// promoted-max was master-max before Pacemaker 2.0.
Findings dual_primary(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto* drbd : select(*facts.cluster, is_drbd)) {
        const auto* clone = clone_of(*drbd, facts);
        if (!clone) continue;
        auto most = meta_of(*clone, "promoted-max");
        if (most.empty()) most = meta_of(*clone, "master-max");
        if (text::number<int>(most).value_or(1) > 1)
            found.push_back({.severity = Severity::error,
                             .subject = clone->id,
                             .reason = "it may be promoted on two nodes at once: nothing that this "
                                       "cluster runs can write from both",
                             .mend = set_meta(clone->id, "promoted-max", "1")});
    }
    return found;
}

Resources watched(const Facts& facts) {
    return facts.cluster ? select(*facts.cluster, is_storage) : Resources{};
}

/// "20s" and "20000ms" are one interval. What cannot be read stands for itself.
std::string interval_of(const Operation& operation) {
    const auto time = duration_of(operation.interval.empty() ? "0" : operation.interval);
    return time ? std::to_string(time->count()) : operation.interval;
}

bool recurs(const Operation& operation) {
    const auto enabled = operation.other.find("enabled");
    return operation.name == "monitor" && interval_of(operation) != "0" &&
           (enabled == operation.other.end() || is_not_false(enabled->second));
}

bool is_of_role(const Operation& operation, const std::string& role) {
    if (operation.role == role) return true;
    // Without a role it is for those that are merely started.
    return role == "Unpromoted" && (operation.role.empty() || operation.role == "Started");
}

bool is_promotable(const Resource& resource, const Facts& facts) {
    const auto* clone = clone_of(resource, facts);
    return clone && clone->is_promotable;
}

Findings monitor_interval(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto& resource : facts.cluster->resources) {
        std::map<std::string, std::string> seen;
        for (const auto& operation : resource.operations) {
            if (operation.name != "monitor") continue;
            const auto [other, is_new] = seen.emplace(interval_of(operation), operation.id);
            if (is_new) continue;
            found.push_back(
                {.severity = Severity::error,
                 .subject = resource.id,
                 .reason =
                     "two monitors have the interval " + operation.interval +
                     ": Pacemaker knows operations by name and interval, and runs only one of "
                     "them, in one role",
                 .mend = "crm configure edit " + resource.id +
                         ", and give one another interval, as "
                         "10s for Promoted and 20s for Unpromoted"});
            break;
        }
    }
    return found;
}

/// "10s:30s": an interval, and the timeout that the agent advises.
std::string monitor_times(const Resource& resource, const std::string& role, const Facts& facts) {
    std::string timeout{"20s"};
    if (const auto advice = facts.advice.find(resource.agent()); advice != facts.advice.end())
        for (const auto& key : {std::string{"monitor"}, "monitor:" + role})
            if (const auto advised = advice->second.find(key); advised != advice->second.end())
                timeout = advised->second;
    return (role == "Unpromoted" ? "20s:" : "10s:") + timeout;
}

Findings promoted_monitor(const Facts& facts) {
    Findings found;
    for (const auto* resource : watched(facts)) {
        if (!is_promotable(*resource, facts)) continue;
        for (const auto* role : {"Promoted", "Unpromoted"}) {
            const bool watched_in_role = std::any_of(
                resource->operations.begin(), resource->operations.end(),
                [&](const Operation& each) {
                    return each.name == "monitor" && recurs(each) && is_of_role(each, role);
                });
            if (watched_in_role) continue;
            found.push_back({.severity = Severity::error,
                             .subject = resource->id,
                             .reason = std::string{"nobody looks after it where it is "} + role +
                                       ": a failure there goes unnoticed",
                             .mend = "crm configure monitor " + resource->id + ":" + role + " " +
                                     monitor_times(*resource, role, facts)});
        }
    }
    return found;
}

Findings monitor_missing(const Facts& facts) {
    Findings found;
    for (const auto* resource : watched(facts)) {
        // Of promotable ones the rule above speaks.
        if (is_promotable(*resource, facts) ||
            std::any_of(resource->operations.begin(), resource->operations.end(), recurs))
            continue;
        found.push_back({.severity = Severity::warning,
                         .subject = resource->id,
                         .reason =
                             "it has no monitor that recurs: Pacemaker does not notice when it "
                             "fails",
                         .mend = "crm configure monitor " + resource->id + " " +
                                 monitor_times(*resource, "", facts)});
    }
    return found;
}

// PCMK_DEFAULT_ACTION_TIMEOUT_MS of Pacemaker.
constexpr std::chrono::milliseconds usual_timeout = std::chrono::seconds{20};

/// The least timeout that a resource has for an action, of one role or any.
struct Given {
    std::chrono::milliseconds time;
    bool is_written;
};

Given given(const Resource& resource, const std::string& action, const std::string& role) {
    std::optional<std::chrono::milliseconds> least;
    for (const auto& operation : resource.operations) {
        if (operation.name != action || (!role.empty() && !is_of_role(operation, role))) continue;
        const auto time = duration_of(operation.timeout).value_or(usual_timeout);
        least = least ? std::min(*least, time) : time;
    }
    return {least.value_or(usual_timeout), least.has_value()};
}

Findings timeouts(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto& resource : facts.cluster->resources) {
        const auto advice = facts.advice.find(resource.agent());
        if (advice == facts.advice.end()) continue;
        Words low;
        for (const auto& [key, text] : advice->second) {
            const auto action = key.substr(0, key.find(':'));
            const auto role = action == key ? std::string{} : key.substr(key.find(':') + 1);
            const auto advised = duration_of(text);
            const bool of_clones = action == "promote" || action == "demote" || action == "notify";
            if (!advised || (of_clones && !is_promotable(resource, facts))) continue;
            auto [time, is_written] = given(resource, action, role);
            if (!is_written && action != "monitor") {
                const auto usual = facts.cluster->operation_defaults.find("timeout");
                if (usual != facts.cluster->operation_defaults.end())
                    time = duration_of(usual->second).value_or(usual_timeout);
            }
            // A monitor that is not there is for other rules.
            if (time >= *advised || (action == "monitor" && !is_written)) continue;
            low.push_back(key + " has " + to_text(time) + ", advised are " + to_text(*advised));
        }
        if (low.empty()) continue;
        found.push_back(
            {.severity = Severity::warning,
             .subject = resource.id,
             .reason = "timeouts below what " + resource.agent() +
                       " advises: " + text::joined(low, "; ") +
                       ". An action that is cut short is a failure, and of stop it means "
                       "that the node is fenced",
             .mend = "crm configure edit " + resource.id});
    }
    return found;
}

Findings stop_failure(const Facts& facts) {
    Findings found;
    for (const auto* resource : watched(facts))
        for (const auto& operation : resource->operations) {
            const auto what = operation.other.find("on-fail");
            if ((operation.name != "stop" && operation.name != "demote") ||
                what == operation.other.end() || what->second != "ignore")
                continue;
            found.push_back(
                {.severity = Severity::error,
                 .subject = resource->id,
                 .reason = "a failed " + operation.name +
                           " is ignored: it is started elsewhere while it still writes here",
                 .mend = "crm configure edit " + resource->id + ", and remove on-fail=ignore"});
        }
    return found;
}

bool is_sticky(const Resource& resource) {
    return score_of(meta_of(resource, "resource-stickiness")).value_or(0) > 0;
}

/// Whatever is bound to something that stays does not move by itself either.
Findings stickiness(const Facts& facts) {
    const auto all = watched(facts);
    if (all.empty()) return {};
    const Relations relations{*facts.cluster};
    std::set<std::string> told;
    Words without;
    for (const auto* resource : all) {
        // A clone's instances have 1 of themselves, and DRBD's place is decided by its scores.
        if (!resource->clone.empty() || is_sticky(*resource) ||
            std::any_of(all.begin(), all.end(), [&](const Resource* other) {
                return is_sticky(*other) && relations.are_together(*resource, *other);
            }))
            continue;
        if (told.insert(resource->outermost()).second) without.push_back(resource->outermost());
    }
    if (without.empty()) return {};
    return {{.severity = Severity::warning,
             .subject = text::joined(without, ", "),
             .reason =
                 "resource-stickiness is 0: storage moves back as soon as a node returns, which "
                 "interrupts initiators a second time, in the middle of a resync",
             .mend = "crm configure rsc_defaults resource-stickiness=100"}};
}

}  // namespace

std::vector<Rule> resource_rules() {
    return {
        {"drbd-clone", "DRBD is not in a promotable clone", drbd_clone},
        {"drbd-notify", "DRBD's clone has no notify=true", drbd_notify},
        {"dual-primary", "DRBD may be promoted on two nodes at once", dual_primary},
        {"monitor-interval", "two monitors of a resource have one interval", monitor_interval},
        {"promoted-monitor", "a promotable resource is not monitored in both roles",
         promoted_monitor},
        {"monitor-missing", "a resource is not monitored", monitor_missing},
        {"timeouts", "timeouts are below what the agent advises", timeouts},
        {"stop-failure", "a failed stop is ignored", stop_failure},
        {"stickiness", "storage moves back by itself", stickiness},
    };
}

}  // namespace san::stack
