// SPDX-License-Identifier: GPL-2.0-or-later
// What has to be where something else is, and after it.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "stack/relations.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"

namespace san::stack {

namespace {

/// Whatever lies on DRBD, with the replicas that it can lie on; once for what moves together.
template <class Visit>
void each_on_drbd(const Facts& facts, const Visit& visit) {
    if (!facts.cluster) return;
    std::set<std::string> told;
    for (const auto& resource : facts.cluster->resources) {
        const auto replicas = replicas_under(resource, facts);
        // A clone that is not DRBD: both of its sides are there on purpose (ALUA).
        if (replicas.empty() || !resource.clone.empty() || told.contains(resource.outermost()))
            continue;
        if (visit(resource, replicas)) told.insert(resource.outermost());
    }
}

std::string names(const Resources& resources) {
    Words ids;
    for (const auto* each : resources) ids.push_back(each->outermost());
    return text::joined(ids, " or ");
}

Findings drbd_order(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    const Relations relations{*facts.cluster};
    each_on_drbd(facts, [&](const Resource& resource, const Resources& replicas) {
        if (std::any_of(replicas.begin(), replicas.end(), [&](const Resource* drbd) {
                return relations.is_before(*drbd, "promote", resource);
            }))
            return false;
        found.push_back(
            {.severity = Severity::error,
             .subject = resource.outermost(),
             .reason = resource.id + " lies on " + names(replicas) +
                       ", and does not start after its promotion (mandatory, and the other "
                       "way round when it stops): it starts on a device that cannot be "
                       "written, and holds it open while DRBD is to be demoted",
             .mend = "crm configure order o_" + resource.outermost() +
                     " Mandatory: " + replicas.front()->outermost() + ":promote " +
                     resource.outermost() + ":start"});
        return true;
    });
    return found;
}

Findings drbd_colocation(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    const Relations relations{*facts.cluster};
    each_on_drbd(facts, [&](const Resource& resource, const Resources& replicas) {
        if (std::any_of(replicas.begin(), replicas.end(), [&](const Resource* drbd) {
                return relations.is_where_promoted(resource, *drbd);
            }))
            return false;
        found.push_back(
            {.severity = Severity::error,
             .subject = resource.outermost(),
             .reason = resource.id + " lies on " + names(replicas) +
                       ", and is not bound (INFINITY) to where that is promoted: it can be "
                       "placed on a node that may not write",
             .mend = "crm configure colocation c_" + resource.outermost() + " inf: " +
                     resource.outermost() + " " + replicas.front()->outermost() + ":Promoted"});
        return true;
    });
    return found;
}

Findings target_order(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    const Relations relations{*facts.cluster};
    for (const auto* unit : select(*facts.cluster, is_unit)) {
        const auto* target = target_of(*unit, *facts.cluster);
        if (!target) {
            found.push_back({.severity = Severity::error,
                             .subject = unit->id,
                             .reason = "no resource of the cluster is its target " + iqn_of(*unit),
                             .mend = "crm configure edit " + unit->id});
            continue;
        }
        const bool ordered = relations.is_before(*target, "start", *unit);
        const bool together = relations.are_together(*unit, *target);
        if (ordered && (together || !unit->clone.empty())) continue;
        found.push_back(
            {.severity = Severity::error,
             .subject = unit->id,
             .reason = !ordered ? "it does not start after its target " + target->id
                                : "it is not bound to the node of its target " + target->id,
             .mend = !ordered ? "crm configure order o_" + unit->id +
                                    " Mandatory: " + target->outermost() + " " + unit->outermost()
                              : "crm configure colocation c_" + unit->id +
                                    " inf: " + unit->outermost() + " " + target->outermost()});
    }
    return found;
}

bool meets(const std::string& parameter, const std::string& ip) {
    return parameter.empty() || text::lower(parameter) == ip;
}

/// Whether ports of an address are closed from before it is there until the unit is.
bool is_guarded(const Resource& address, const Resource& unit, const Configuration& configuration,
                const Relations& relations) {
    bool closed = false, opened = false;
    for (const auto* block : select(configuration, is_port_block)) {
        if (!meets(block->parameter("ip"), ip_of(address))) continue;
        closed |=
            block->parameter("action") == "block" && relations.is_before(*block, "start", address);
        opened |=
            block->parameter("action") == "unblock" && relations.is_before(unit, "start", *block);
    }
    return closed && opened;
}

/// The addresses by which initiators come to a unit.
Resources addresses_of(const Resource& unit, const Configuration& configuration,
                       const Relations& relations) {
    const auto* target = target_of(unit, configuration);
    const auto portals = target ? portals_of(*target) : Words{};
    return select(configuration, [&](const Resource& each) {
        if (!is_address(each)) return false;
        return portals.empty()
                   ? relations.are_together(each, unit)
                   : std::find(portals.begin(), portals.end(), ip_of(each)) != portals.end();
    });
}

/// Several units of one target can have an address each, as where one is made for each unit: an
/// address that is later than one unit is not asked for the others.
Findings address_before_unit(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    const Relations relations{*facts.cluster};
    const auto units = select(
        *facts.cluster, [](const Resource& each) { return is_unit(each) && each.clone.empty(); });
    const auto is_behind_one = [&](const Resource& address) {
        return std::any_of(units.begin(), units.end(), [&](const Resource* unit) {
            return relations.is_before(*unit, "start", address);
        });
    };
    std::set<std::string> told;
    for (const auto* unit : units)
        for (const auto* address : addresses_of(*unit, *facts.cluster, relations)) {
            const bool before = relations.is_before(*address, "start", *unit);
            if (relations.is_before(*unit, "start", *address) ||
                (!before && is_behind_one(*address)) || told.contains(address->id) ||
                is_guarded(*address, *unit, *facts.cluster, relations))
                continue;
            told.insert(address->id);
            found.push_back(
                {.severity = Severity::error,
                 .subject = address->id,
                 .reason =
                     (before ? "it starts before " : "it may start before ") + unit->id +
                     ", and its ports are not closed meanwhile: initiators that come back "
                     "during a failover meet a target without the unit, and report I/O errors "
                     "instead of waiting",
                 .mend = address->group.empty() || address->group != unit->group
                             ? "crm configure order o_" + address->id +
                                   " Mandatory: " + unit->outermost() + " " + address->outermost()
                             : "crm configure edit " + address->group + ", and put " + address->id +
                                   " behind " + unit->id});
        }
    return found;
}

}  // namespace

std::vector<Rule> relation_rules() {
    return {
        {"drbd-order", "what lies on DRBD does not start after its promotion", drbd_order},
        {"drbd-colocation", "what lies on DRBD is not bound to the promoted side", drbd_colocation},
        {"target-order", "a unit is not after its target, or not with it", target_order},
        {"address-before-unit", "initiators can reach the address before the unit is there",
         address_before_unit},
    };
}

}  // namespace san::stack
