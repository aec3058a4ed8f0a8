// SPDX-License-Identifier: GPL-2.0-or-later
// Targets, units, their identity and caches, and the ports that are closed while they move.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "stack/duration.hpp"
#include "stack/identity.hpp"
#include "stack/relations.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"

namespace san::stack {

namespace {

Resources units(const Facts& facts) {
    return facts.cluster ? select(*facts.cluster, is_unit) : Resources{};
}

Resources targets(const Facts& facts) {
    return facts.cluster ? select(*facts.cluster, is_target) : Resources{};
}

/// One device through two targets is one disk, and is meant to look like one.
bool are_one_disk(const Resource& a, const Resource& b) {
    return !path_of(a).empty() && path_of(a) == path_of(b);
}

Findings unit_identity(const Facts& facts) {
    Findings found;
    const auto all = units(facts);
    for (std::size_t at = 0; at < all.size(); ++at)
        for (std::size_t other = 0; other < at; ++other) {
            if (are_one_disk(*all[at], *all[other])) continue;
            const auto shared = shared_identity(*all[at], *all[other]);
            if (!shared) continue;
            found.push_back(
                {.severity = Severity::error,
                 .subject = all[other]->id + ", " + all[at]->id,
                 .reason = "two units have one " + shared->what +
                           ": multipath takes them for two paths to one disk, and writes to "
                           "whichever it likes",
                 .mend = "crm_resource --resource " + all[at]->id + " --set-parameter " +
                         shared->parameter +
                         " --parameter-value ANOTHER, while no initiator uses it"});
        }
    return found;
}

Findings unit_number(const Facts& facts) {
    Findings found;
    std::map<std::pair<std::string, std::string>, std::string> seen;
    for (const auto* unit : units(facts)) {
        const auto [other, is_new] =
            seen.emplace(std::pair{iqn_of(*unit), lun_of(*unit)}, unit->id);
        if (is_new || lun_of(*unit).empty()) continue;
        found.push_back({.severity = Severity::error,
                         .subject = other->second + ", " + unit->id,
                         .reason = "both are unit " + lun_of(*unit) + " of " + iqn_of(*unit) +
                                   ": only one of them can start",
                         .mend = "crm_resource --resource " + unit->id +
                                 " --set-parameter lun --parameter-value ANOTHER"});
    }
    return found;
}

/// tgt's cache is on unless somebody turns it off; the page is Caching (08h), and the bit WCE the
/// third of its first byte (SBC-4). heartbeat's agent leaves it on, ours does not.
bool caches_in_tgt(const Resource& unit) {
    if (unit.parameter("implementation") != "tgt") return false;
    const auto flags = unit.parameter("tgt_bsoflags");
    if (flags.find("sync") != std::string::npos) return false;
    if (unit.provider == "san") return text::is_true(unit.parameter("write_cache"));
    for (const auto* name : {"additional_parameters", "tgt_device_params"}) {
        const auto page = word_of(unit.parameter(name), "mode_page");
        if (!page.starts_with("8:") && !page.starts_with("0x08:")) continue;
        // "8:0:18:0x10:0:...": page, subpage, length, then its bytes.
        std::size_t at = 0;
        for (int colons = 0; colons < 3 && at != std::string::npos; ++colons)
            at = page.find(':', at) + 1;
        auto byte = page.substr(at, page.find(':', at) - at);
        const bool hex = byte.starts_with("0x");
        const auto bits = text::number<unsigned>(hex ? byte.substr(2) : byte, hex ? 16 : 10);
        return !bits || (*bits & 0x04) != 0;
    }
    return true;
}

/// What in a unit's parameters lets acknowledged writes stay in a cache of the node; empty:
/// nothing.
std::string cache_of(const Resource& unit) {
    const auto more = unit.parameter("additional_parameters");
    if (caches_in_tgt(unit)) return "tgt's write cache is on";
    if (word_of(more, "write_through") == "0") return "write_through=0";
    if (word_of(more, "emulate_write_cache") == "1") return "emulate_write_cache=1";
    if (text::lower(word_of(more, "IOMode")) == "wb") return "IOMode=wb";
    return {};
}

Findings write_cache(const Facts& facts) {
    Findings found;
    for (const auto* unit : units(facts)) {
        const auto more = unit->parameter("additional_parameters");
        if (word_of(more, "nv_cache") == "1")
            found.push_back({.severity = Severity::error,
                             .subject = unit->id,
                             .reason =
                                 "nv_cache=1 tells initiators that they need not flush, as if the "
                                 "page cache survived a loss of power: acknowledged writes are "
                                 "lost with the node",
                             .mend = "nv_cache=0 in additional_parameters of " + unit->id});
        else if (const auto cache = cache_of(*unit); !cache.empty())
            found.push_back(
                {.severity = Severity::warning,
                 .subject = unit->id,
                 .reason = cache + ": writes are acknowledged while they are in the memory "
                                   "of one node. An initiator that does not flush, as "
                                   "VMware, loses them with the node",
                 .mend = unit->provider == "san" || unit->parameter("implementation") != "tgt"
                             ? "crm configure edit " + unit->id + ", and take it out"
                             : "additional_parameters of " + unit->id +
                                   ": a mode_page=8:... without the bit WCE; or "
                                   "ocf:san:iSCSILogicalUnit, which has it off"});
    }
    return found;
}

/// RFC 7143, 13.15: of both sides' values the smaller counts, and 20 is what nobody has changed.
Findings time_to_retain(const Facts& facts) {
    if (!facts.failover) return {};
    Findings found;
    for (const auto* target : targets(facts)) {
        const auto word = word_of(target->parameter("additional_parameters"), "DefaultTime2Retain");
        const auto seconds = word.empty() ? 20 : text::number<int>(word).value_or(20);
        if (std::chrono::seconds{seconds} >= *facts.failover) continue;
        found.push_back(
            {.severity = Severity::warning,
             .subject = target->id,
             .reason = "DefaultTime2Retain is " + std::to_string(seconds) +
                       " s, and a failover takes " + to_text(*facts.failover) +
                       ": initiators that go by it give up their session, and its commands, "
                       "before the target is back",
             .mend = "additional_parameters of " + target->id +
                     ": DefaultTime2Retain=" + std::to_string(facts.failover->count() + 10)});
    }
    return found;
}

/// Only where the cluster has addresses at all; a portal may be one that a node has for itself.
Findings portal_address(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    std::set<std::string> addresses;
    for (const auto* address : select(*facts.cluster, is_address))
        addresses.insert(ip_of(*address));
    if (addresses.empty()) return found;
    for (const auto* target : targets(facts))
        for (const auto& portal : portals_of(*target)) {
            if (addresses.contains(portal) || !target->clone.empty()) continue;
            found.push_back(
                {.severity = Severity::warning,
                 .subject = target->id,
                 .reason = "its portal " + portal +
                           " is no address of this cluster: "
                           "initiators do not find it after a failover",
                 .mend = "crm configure edit " + target->id + ", or an IPaddr2 with ip=" + portal});
        }
    return found;
}

/// What a block and its partner have to agree on.
std::string ports_of(const Resource& block) {
    return block.provider + " " + block.parameter("protocol") + " " + block.parameter("portno") +
           " " + block.parameter("ip");
}

Resources blocks(const Facts& facts, const std::string& action) {
    if (!facts.cluster) return {};
    return select(*facts.cluster, [&](const Resource& each) {
        // As a promotable clone it is its own partner.
        return is_port_block(each) && each.clone.empty() && each.parameter("action") == action;
    });
}

bool has_partner(const Resource& block, const Resources& others) {
    return std::any_of(others.begin(), others.end(),
                       [&](const Resource* other) { return ports_of(*other) == ports_of(block); });
}

Findings block_partner(const Facts& facts) {
    Findings found;
    const auto blocking = blocks(facts, "block"), unblocking = blocks(facts, "unblock");
    for (const auto* block : blocking)
        if (!has_partner(*block, unblocking))
            found.push_back(
                {.severity = Severity::error,
                 .subject = block->id,
                 .reason = "it closes ports, and no portblock of the same provider with the "
                           "same address, protocol and ports opens them: nobody can log in",
                 .mend = "a portblock with action=unblock and the same parameters, last in "
                         "the group"});
    for (const auto* block : unblocking)
        if (!has_partner(*block, blocking))
            found.push_back(
                {.severity = Severity::error,
                 .subject = block->id,
                 .reason = "it opens ports that no portblock of the same provider with the "
                           "same address, protocol and ports has closed: nothing is held "
                           "back while the storage moves",
                 .mend = "a portblock with action=block and the same parameters, first in "
                         "the group"});
    return found;
}

Findings block_order(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    const Relations relations{*facts.cluster};
    const auto served = [&](const Resource& block) {
        const auto ip = text::lower(block.parameter("ip"));
        return select(*facts.cluster, [&](const Resource& each) {
            if (is_address(each)) return ip.empty() || ip_of(each) == ip;
            return (is_target(each) || is_unit(each)) && relations.are_together(each, block);
        });
    };
    const auto add = [&](const Resource& block, const Resource& other, bool closes) {
        const auto first = closes ? block.outermost() : other.outermost();
        const auto then = closes ? other.outermost() : block.outermost();
        found.push_back({.severity = Severity::error,
                         .subject = block.id,
                         .reason = closes ? "it closes ports, and does not start before " +
                                                other.id + ": initiators come in too early"
                                          : "it opens ports, and does not start after " + other.id +
                                                ": initiators come in before it is there",
                         .mend = first == then
                                     ? "crm configure edit " + first +
                                           (closes ? ", and put it first" : ", and put it last")
                                     : "crm configure order o_" + block.id +
                                           " Mandatory: " + first + " " + then});
    };
    for (const auto* block : blocks(facts, "block"))
        for (const auto* other : served(*block))
            if (!relations.is_before(*block, "start", *other)) {
                add(*block, *other, true);
                break;
            }
    for (const auto* block : blocks(facts, "unblock"))
        for (const auto* other : served(*block))
            if (!relations.is_before(*other, "start", *block)) {
                add(*block, *other, false);
                break;
            }
    return found;
}

Findings secret_in_cluster(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    for (const auto& resource : facts.cluster->resources) {
        Words names;
        for (const auto* name :
             {"incoming_password", "outgoing_password", "discovery_password", "passwd", "password"})
            if (!resource.parameter(name).empty()) names.emplace_back(name);
        if (names.empty()) continue;
        const bool fences = resource.standard == "stonith";
        found.push_back(
            {.severity = Severity::warning,
             .subject = resource.id,
             .reason = text::joined(names, ", ") +
                       " is in the cluster's configuration in "
                       "clear, where the group haclient reads it, and with it every report "
                       "that is sent to somebody",
             .mend = fences ? "password_script=FILE instead, readable by root alone"
                            : names.front() + "_file=FILE of ocf:san:" + resource.type +
                                  " instead, readable by root alone on each node"});
    }
    return found;
}

}  // namespace

std::vector<Rule> target_rules() {
    return {
        {"unit-identity", "two units look like one disk to initiators", unit_identity},
        {"unit-number", "two units have one number in a target", unit_number},
        {"write-cache", "acknowledged writes are in a cache that is lost with the node",
         write_cache},
        {"time2retain", "sessions are kept for less than a failover takes (with --failover)",
         time_to_retain},
        {"portal-address", "a portal is no address of the cluster", portal_address},
        {"block-partner", "ports are closed and not opened, or opened and not closed",
         block_partner},
        {"block-order", "ports are closed too late, or opened too early", block_order},
        {"secret-in-cluster", "a password is in the cluster's configuration", secret_in_cluster},
    };
}

}  // namespace san::stack
