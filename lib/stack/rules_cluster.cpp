// SPDX-License-Identifier: GPL-2.0-or-later
// Properties of the cluster, fencing, and what was left behind in its configuration.
#include <algorithm>

#include "base/text.hpp"
#include "cluster/cib_elements.hpp"
#include "stack/duration.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"

namespace san::stack {

namespace {

using cluster::is_true;

std::string set_property(const std::string& name, const std::string& value) {
    return "crm_attribute --name " + name + " --update " + value;
}

bool is_fencing_enabled(const Configuration& configuration) {
    // 3.0.2 has a new name for it; the default is yes.
    return cluster::is_not_false(
        configuration.property({"fencing-enabled", "stonith-enabled", "stonith_enabled"}));
}

std::vector<const Resource*> fence_devices(const Configuration& configuration) {
    return select(configuration, [](const Resource& each) { return each.standard == "stonith"; });
}

Findings fencing_off(const Facts& facts) {
    if (!facts.cluster || is_fencing_enabled(*facts.cluster)) return {};
    return {{.severity = Severity::error,
             .subject = "stonith-enabled",
             .reason = "fencing is off: a node that does not answer may still be writing while the "
                       "other one takes over",
             .mend = set_property("stonith-enabled", "true")}};
}

Findings fencing_device(const Facts& facts) {
    if (!facts.cluster || !is_fencing_enabled(*facts.cluster)) return {};
    const auto watchdog = duration_of(
        facts.cluster->property({"stonith-watchdog-timeout", "fencing-watchdog-timeout"}));
    if (!fence_devices(*facts.cluster).empty() || (watchdog && watchdog->count() > 0)) return {};
    return {{.severity = Severity::error,
             .subject = "stonith-enabled",
             .reason =
                 "fencing is on, and no device can fence: Pacemaker starts nothing, and after "
                 "the loss of a node waits for ever",
             .mend = "crm configure primitive fence_NODE stonith:fence_ipmilan params ip=BMC "
                     "username=USER password_script=FILE pcmk_host_list=NODE"}};
}

/// Two nodes that lose sight of each other shoot at once; with equal devices both go down.
Findings fencing_race(const Facts& facts) {
    if (!facts.cluster || facts.cluster->nodes.size() > 2) return {};
    const auto devices = fence_devices(*facts.cluster);
    const auto priority = facts.cluster->property({"priority-fencing-delay"});
    const auto delays = [](const Resource* device) {
        for (const auto* name : {"pcmk_delay_base", "pcmk_delay_max", "delay"})
            if (const auto value = device->parameter(name);
                !value.empty() && value.find_first_not_of("0sm") != std::string::npos)
                return true;
        return false;
    };
    if (devices.size() != 2 || !is_fencing_enabled(*facts.cluster) || !priority.empty() ||
        std::any_of(devices.begin(), devices.end(), delays))
        return {};
    return {{.severity = Severity::warning,
             .subject = devices[0]->id + ", " + devices[1]->id,
             .reason =
                 "two nodes that lose sight of each other fence each other at the same moment, "
                 "and both are gone: neither device waits",
             .mend = "crm_resource --resource " + devices[0]->id +
                     " --set-parameter pcmk_delay_base --parameter-value 5s"}};
}

Findings no_quorum_policy(const Facts& facts) {
    if (!facts.cluster) return {};
    const auto policy = facts.cluster->property({"no-quorum-policy"});
    const auto nodes = facts.cluster->nodes.size();
    if (policy == "ignore") {
        return {
            {.severity = nodes > 2 ? Severity::error : Severity::warning,
             .subject = "no-quorum-policy",
             .reason = nodes > 2
                           ? "a part of the cluster without a majority goes on, so that two parts "
                             "can run the same storage"
                           : "ignore is the makeshift of old clusters for two nodes: a node that "
                             "starts alone takes everything at once. two_node in corosync.conf "
                             "gives quorum to one of two, and waits for the other at start",
             .mend = set_property("no-quorum-policy", "stop") +
                     (nodes > 2 ? "" : ", with two_node: 1 in corosync.conf's quorum section")}};
    }
    if (nodes != 2 || !facts.corosync || facts.corosync->is_two_node() ||
        facts.corosync->has_device ||
        facts.corosync->quorum.find("provider") == facts.corosync->quorum.end())
        return {};
    return {{.severity = Severity::error,
             .subject = "no-quorum-policy",
             .reason = "two nodes without two_node: when one is lost the other has no quorum, and "
                       "no-quorum-policy=" +
                       (policy.empty() ? std::string{"stop"} : policy) +
                       " ends the storage there too",
             .mend = "two_node: 1 in the quorum section of corosync.conf on both nodes, then "
                     "corosync-cfgtool -R"}};
}

Findings maintenance(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    if (is_true(facts.cluster->property({"maintenance-mode"})))
        found.push_back({.severity = Severity::warning,
                         .subject = "maintenance-mode",
                         .reason =
                             "the cluster looks after nothing: no failure is noticed, nothing "
                             "moves",
                         .mend = set_property("maintenance-mode", "false")});
    for (const auto& resource : facts.cluster->resources) {
        const auto managed = meta_of(resource, "is-managed");
        if (is_true(meta_of(resource, "maintenance")) ||
            (!managed.empty() && !cluster::is_not_false(managed)))
            found.push_back(
                {.severity = Severity::warning,
                 .subject = resource.id,
                 .reason = "the cluster does not manage it: nothing happens when it fails",
                 .mend = "crm resource manage " + resource.id});
    }
    for (const auto& node : facts.cluster->nodes)
        for (const auto* word : {"maintenance", "standby"})
            if (const auto value = node.attributes.find(word);
                value != node.attributes.end() && is_true(value->second))
                found.push_back(
                    {.severity = Severity::warning,
                     .subject = node.name,
                     .reason = "the node is in " + std::string{word} + ": nothing can move to it",
                     .mend = std::string{"crm node "} +
                             (word == std::string{"standby"} ? "online " : "ready ") + node.name});
    return found;
}

std::string delete_constraint(const Location& location) {
    return "cibadmin --delete --xml-text '<rsc_location id=\"" + location.id + "\"/>'";
}

/// The ids are those of crm-fence-peer.sh, crm-fence-peer.9.sh and san-fence-peer.
Findings fence_leftover(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto& location : facts.cluster->locations) {
        if (!location.id.starts_with("drbd-fence-by-handler-")) continue;
        Words allowed;
        for (const auto& rule : location.rules)
            for (const auto& expression : rule.expressions)
                if (expression.operation == "ne") allowed.push_back(expression.value);
        found.push_back(
            {.severity = Severity::warning,
             .subject = location.id,
             .reason = "a fence handler lets DRBD be promoted on " +
                       (allowed.empty() ? "few nodes" : text::joined(allowed, ", ")) +
                       " alone. As long as the peer's data is behind this is as it should "
                       "be; when all of it is UpToDate it is a leftover, and the next "
                       "failover fails",
             .mend =
                 "when drbdadm status shows UpToDate everywhere: " + delete_constraint(location)});
    }
    return found;
}

Findings move_leftover(const Facts& facts) {
    if (!facts.cluster) return {};
    Findings found;
    for (const auto& location : facts.cluster->locations) {
        const bool ban = location.id.starts_with("cli-ban-");
        if (!ban && !location.id.starts_with("cli-prefer-")) continue;
        found.push_back(
            {.severity = Severity::warning,
             .subject = location.id,
             .reason = ban ? "a move by hand has left a ban: there is no failover to that "
                             "node"
                           : "a move by hand has left a preference: the resource goes back "
                             "to that node as soon as it can",
             .mend = "crm_resource --clear --resource " + (location.resources.empty()
                                                               ? std::string{"RESOURCE"}
                                                               : location.resources.front())});
    }
    return found;
}

}  // namespace

std::vector<Rule> cluster_rules() {
    return {
        {"fencing-off", "fencing (STONITH) is switched off", fencing_off},
        {"fencing-device", "fencing is on without a device that fences", fencing_device},
        {"fencing-race", "two nodes fence each other at the same moment", fencing_race},
        {"no-quorum-policy", "what is done without quorum does not fit the number of nodes",
         no_quorum_policy},
        {"maintenance", "cluster, node or resource is not looked after", maintenance},
        {"fence-leftover", "a constraint of DRBD's fence handler is in force", fence_leftover},
        {"move-leftover", "a constraint of a move by hand is in force", move_leftover},
    };
}

}  // namespace san::stack
