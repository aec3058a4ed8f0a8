// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's configuration, by itself and beside the cluster's.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "cluster/cib_elements.hpp"
#include "stack/duration.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"

namespace san::stack {

namespace {

constexpr auto common_file = "/etc/drbd.d/global_common.conf";

/// One finding for all resources that have the same fault: it is usually that of `common`.
class Gathered {
public:
    void add(const std::string& name) { names_.push_back(name); }
    Findings as(Finding finding) const {
        if (names_.empty()) return {};
        finding.subject = text::joined(names_, ", ");
        return {std::move(finding)};
    }

private:
    Words names_{};
};

template <class Has>
Gathered those(const Facts& facts, const Has& has) {
    Gathered gathered;
    if (facts.drbd)
        for (const auto& resource : facts.drbd->resources)
            if (has(resource)) gathered.add(resource.name);
    return gathered;
}

/// outdate-peer is the handler's name in DRBD 8.3.
bool has_fence_handler(const Drbd_resource& resource) {
    return resource.has_handler("fence-peer") || resource.has_handler("outdate-peer");
}

std::string put(const std::string& section, const std::string& line) {
    return section + " { " + line + " } in " + common_file +
           " on all nodes, then drbdadm adjust all";
}

/// drbd.conf(5) of 8.4 and of 9 have the same word in different sections.
std::string put_fencing() {
    return put("net", "fencing resource-and-stonith;") + ". DRBD 8.4 has it in the section disk";
}

Findings handlers_missing(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     return resource.fencing() != "dont-care" && !has_fence_handler(resource);
                 })
        .as({.severity = Severity::error,
             .reason =
                 "fencing is asked for, and there is no fence-peer handler: when the peer is lost "
                 "the call fails, nobody forbids its promotion, and with resource-and-stonith I/O "
                 "stays frozen",
             .mend = put("handlers",
                         "fence-peer \"/usr/sbin/san-fence-peer\"; unfence-peer "
                         "\"/usr/sbin/san-unfence-peer\";")});
}

Findings policy_missing(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     return resource.fencing() == "dont-care" && has_fence_handler(resource);
                 })
        .as({.severity = Severity::error,
             .reason =
                 "there is a fence-peer handler, and it is never called: fencing is dont-care. A "
                 "node with old data can be promoted",
             .mend = put_fencing()});
}

/// Either one keeps old data from being promoted: DRBD's fencing, or its quorum among three.
Findings unprotected(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     const auto quorum = resource.options.find("quorum");
                     const bool has_quorum =
                         quorum != resource.options.end() && quorum->second != "off";
                     return resource.fencing() == "dont-care" && !has_fence_handler(resource) &&
                            !has_quorum && resource.hosts.size() > 1;
                 })
        .as({.severity = Severity::error,
             .reason =
                 "neither fencing nor quorum: after a break of the replication link the node that "
                 "was left behind can be promoted, and what was written meanwhile is lost",
             .mend = put_fencing() +
                     ". With it handlers { fence-peer \"/usr/sbin/san-fence-peer\"; "
                     "unfence-peer \"/usr/sbin/san-unfence-peer\"; }"});
}

Findings unfence(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     return has_fence_handler(resource) && !resource.has_handler("unfence-peer") &&
                            !resource.has_handler("after-resync-target");
                 })
        .as({.severity = Severity::error,
             .reason =
                 "fence-peer has no counterpart: its constraint stays when the peer has caught up, "
                 "and there is no failover any more",
             .mend = put("handlers", "unfence-peer \"/usr/sbin/san-unfence-peer\";")});
}

Findings freeze_without_fencing(const Facts& facts) {
    if (!facts.cluster) return {};
    const auto word = text::lower(
        facts.cluster->property({"fencing-enabled", "stonith-enabled", "stonith_enabled"}));
    if (word != "false" && word != "no" && word != "off" && word != "0") return {};
    return those(facts,
                 [](const Drbd_resource& resource) {
                     return resource.fencing() == "resource-and-stonith";
                 })
        .as({.severity = Severity::warning,
             .reason =
                 "resource-and-stonith freezes I/O until the peer has been fenced, and the cluster "
                 "fences nobody",
             .mend = "crm_attribute --name stonith-enabled --update true, with a fence device"});
}

Findings protocol(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     return std::any_of(resource.connections.begin(), resource.connections.end(),
                                        [](const Values& net) {
                                            const auto found = net.find("protocol");
                                            return found != net.end() && found->second != "C";
                                        });
                 })
        .as({.severity = Severity::error,
             .reason =
                 "with protocol A or B a write is acknowledged before the peer has it on its disk: "
                 "a failover loses it",
             .mend = put("net", "protocol C;")});
}

/// What throws away one side's writes without asking; discard-zero-changes finds none to lose.
Findings automatic_discard(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     for (const auto* when : {"after-sb-0pri", "after-sb-1pri", "after-sb-2pri"}) {
                         const auto what = resource.net(when);
                         if (what != "discard-zero-changes" &&
                             (what.starts_with("discard-") || what == "violently-as0p"))
                             return true;
                     }
                     return false;
                 })
        .as({.severity = Severity::warning,
             .reason =
                 "after a split brain one side's writes are thrown away without asking anybody "
                 "(after-sb-...)",
             .mend = put("net",
                         "after-sb-0pri discard-zero-changes; after-sb-1pri disconnect; "
                         "after-sb-2pri disconnect;")});
}

Findings two_primaries(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     return text::is_true(resource.net("allow-two-primaries"));
                 })
        .as({.severity = Severity::error,
             .reason =
                 "allow-two-primaries lets both nodes write to it at once: with anything but a "
                 "cluster file system that destroys the data",
             .mend = put("net", "allow-two-primaries no;")});
}

/// disk-barrier is off unless asked for, and nothing is lost by that while the other two are on.
Findings flushes(const Facts& facts) {
    return those(facts,
                 [](const Drbd_resource& resource) {
                     for (const auto* option : {"disk-flushes", "md-flushes"}) {
                         const auto found = resource.disk.find(option);
                         if (found != resource.disk.end() && !cluster::is_not_false(found->second))
                             return true;
                     }
                     return false;
                 })
        .as({.severity = Severity::warning,
             .reason =
                 "disk-flushes or md-flushes is off: unless the cache of the controller has a "
                 "battery, acknowledged writes are lost with the power",
             .mend = put("disk", "disk-flushes yes; md-flushes yes;")});
}

Findings resync_after(const Facts& facts) {
    Findings found;
    std::set<std::string> told;
    const auto add = [&](const std::string& resource, const std::string& reason) {
        if (!told.insert(resource).second) return;
        found.push_back(
            {.severity = Severity::error,
             .subject = resource,
             .reason = reason,
             .mend = "resync-after RESOURCE/VOLUME of one that exists, or take the line "
                     "out, then drbdadm adjust " +
                     resource});
    };
    // drbdadm leaves out what it does not know, and complains: "in resource r0:", then why.
    for (const auto& node : facts.nodes) {
        std::string resource = "drbd.conf";
        for (const auto& line : node.complaints) {
            const auto at = line.find("in resource ");
            if (at != std::string::npos)
                resource = line.substr(at + 12, line.find(':', at) - at - 12);
            if (line.find("resync-after") != std::string::npos)
                add(resource, "drbdadm on " + node.name + ": " + std::string{text::trimmed(line)});
        }
    }
    if (!facts.drbd) return found;
    for (const auto& resource : facts.drbd->resources)
        for (const auto& host : resource.hosts)
            for (const auto& volume : host.volumes) {
                const auto& after = volume.resync_after;
                const auto* other = facts.drbd->find_resource(after.substr(0, after.find('/')));
                const auto slash = after.find('/');
                const auto number = slash == std::string::npos
                                        ? std::optional<int>{}
                                        : text::number<int>(after.substr(slash + 1));
                const bool exists =
                    other &&
                    (slash == std::string::npos ||
                     std::any_of(
                         other->hosts.begin(), other->hosts.end(), [&](const Drbd_host& each) {
                             return std::any_of(
                                 each.volumes.begin(), each.volumes.end(),
                                 [&](const Drbd_volume& one) { return number == one.number; });
                         }));
                if (!after.empty() && !exists)
                    add(resource.name,
                        "resync-after " + after +
                            " points nowhere: nothing is waited for, and all resyncs run "
                            "at once, or drbdadm refuses the resource");
            }
    return found;
}

/// drbd.conf(5): ping-timeout is in tenths of a second, 5 unless set.
Findings ping_timeout(const Facts& facts) {
    if (!facts.corosync) return {};
    const auto token = facts.corosync->token();
    const auto wait = [](const Drbd_resource& resource) {
        return std::chrono::milliseconds{
            100 * text::number<int>(resource.net("ping-timeout")).value_or(5)};
    };
    auto found =
        those(facts, [&](const Drbd_resource& each) { return wait(each) > token; })
            .as({.severity = Severity::warning,
                 .reason = "ping-timeout is longer than corosync's token (" + to_text(token) +
                           "): the cluster has declared a peer lost, and wants to promote, "
                           "while DRBD still waits for it",
                 .mend = put("net", "ping-timeout 5;")});
    return found;
}

Findings unknown_resource(const Facts& facts) {
    Findings found;
    if (!facts.cluster || !facts.drbd) return found;
    for (const auto* drbd : select(*facts.cluster, is_drbd)) {
        const auto name = drbd->parameter("drbd_resource");
        if (facts.drbd->find_resource(name)) continue;
        found.push_back(
            {.severity = Severity::error,
             .subject = drbd->id,
             .reason = "DRBD has no resource " + text::quoted(name) +
                       ": it cannot start, and is taken for not installed",
             .mend = "/etc/drbd.d/" + name + ".res on all nodes, or drbd_resource of " + drbd->id});
    }
    return found;
}

Findings unknown_host(const Facts& facts) {
    Findings found;
    if (!facts.cluster || !facts.drbd || facts.cluster->nodes.empty()) return found;
    std::set<std::string> nodes;
    for (const auto& node : facts.cluster->nodes) nodes.insert(node.name);
    for (const auto* drbd : select(*facts.cluster, is_drbd)) {
        const auto* resource = facts.drbd->find_resource(drbd->parameter("drbd_resource"));
        if (!resource) continue;
        Words hosts;
        for (const auto& host : resource->hosts)
            if (!nodes.contains(host.name)) hosts.push_back(host.name);
        if (hosts.empty() || hosts.size() < resource->hosts.size()) continue;
        found.push_back(
            {.severity = Severity::warning,
             .subject = resource->name,
             .reason = "its hosts " + text::joined(hosts, ", ") +
                       " are no nodes of the cluster: handlers and scores by name go wrong",
             .mend = "`on HOST` as uname -n and the cluster spell it, on all nodes"});
    }
    return found;
}

}  // namespace

std::vector<Rule> drbd_rules() {
    return {
        {"drbd-handlers", "DRBD fences without a handler", handlers_missing},
        {"drbd-policy", "DRBD has a fence handler that is never called", policy_missing},
        {"drbd-unprotected", "DRBD has neither fencing nor quorum", unprotected},
        {"drbd-unfence", "what DRBD's fence handler forbids is never allowed again", unfence},
        {"drbd-freeze", "DRBD waits for fencing that never comes", freeze_without_fencing},
        {"drbd-protocol", "DRBD acknowledges writes before the peer has them", protocol},
        {"drbd-discard", "a split brain is resolved by throwing writes away", automatic_discard},
        {"drbd-two-primaries", "DRBD lets two nodes write at once", two_primaries},
        {"drbd-flushes", "DRBD does not flush the caches of disks", flushes},
        {"resync-after", "a resync waits for something that is not there", resync_after},
        {"ping-timeout", "DRBD notices a lost peer later than the cluster", ping_timeout},
        {"drbd-resource", "the cluster runs a DRBD resource that is not configured",
         unknown_resource},
        {"drbd-host", "a DRBD resource is for other hosts", unknown_host},
    };
}

}  // namespace san::stack
