// SPDX-License-Identifier: GPL-2.0-or-later
// What is to be said about a status.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "stack/status.hpp"

namespace san::stack {

namespace {

void judge_nodes(const Cluster_picture& cluster, Assessment& found) {
    for (const auto& node : cluster.nodes) {
        if (node.unclean)
            found.blocking.push_back(node.name + " has to be fenced");
        else if (node.pending)
            found.degraded.push_back(node.name + " is joining the cluster");
        else if (!node.online)
            found.degraded.push_back(node.name + " is offline");
        else if (node.standby)
            found.degraded.push_back(node.name + " is in standby");
        if (node.maintenance) found.blocking.push_back(node.name + " is in maintenance mode");
    }
}

void judge_resources(const Cluster_picture& cluster, Assessment& found) {
    std::set<std::string> active, stopped;
    for (const auto& seen : cluster.instances) {
        const auto where = seen.nodes.empty() ? "" : " on " + text::joined(seen.nodes, ", ");
        if (seen.failed) found.failed.push_back(seen.id + " has failed" + where);
        if (seen.blocked) found.blocking.push_back(seen.id + " is blocked" + where);
        if (seen.orphaned)
            found.blocking.push_back(seen.id + " is no longer configured, and runs" + where);
        if (!seen.managed && !cluster.in_maintenance)
            found.blocking.push_back(seen.id + " is unmanaged" + where);
        if (!seen.pending.empty())
            found.degraded.push_back(seen.id + ": " + text::lower(seen.pending) + where);
        (seen.active ? active : stopped).insert(seen.id);
    }
    // Fencing devices and other instances of a clone may be where nobody misses them.
    for (const auto& id : stopped)
        if (!active.contains(id)) found.failed.push_back(id + " does not run");
    for (const auto& failure : cluster.failures)
        found.degraded.push_back(failure.operation + " failed on " + failure.node + ": " +
                                 (failure.reason.empty() ? failure.result : failure.reason));
}

void judge_cluster(const Cluster_picture& cluster, Assessment& found) {
    if (!cluster.leader) found.failed.emplace_back("the cluster has no DC");
    if (cluster.leader && !cluster.has_quorum)
        found.failed.emplace_back("this partition of the cluster has no quorum");
    if (cluster.in_maintenance) found.blocking.emplace_back("the cluster is in maintenance mode");
    if (!cluster.fences) found.blocking.emplace_back("fencing (STONITH) is off");
    judge_nodes(cluster, found);
    judge_resources(cluster, found);
    for (const auto& ban : cluster.bans) {
        // The fence handlers', ours and LINBIT's, have this name.
        if (ban.id.starts_with("drbd-fence-by-handler"))
            found.blocking.push_back(ban.resource + " may not be promoted on " + ban.node +
                                     ": its data is behind (" + ban.id + ")");
        else if (ban.id.starts_with("cli-ban") || ban.id.starts_with("cli-prefer"))
            found.blocking.push_back(ban.resource + " may not run on " + ban.node +
                                     ": somebody moved it (" + ban.id + ")");
    }
    for (const auto& event : cluster.fencings) {
        if (event.status == "failed")
            found.degraded.push_back("fencing of " + event.target + " failed");
        else if (event.status != "success")
            found.blocking.push_back("fencing of " + event.target + " is under way");
    }
}

void judge_replica(const std::string& node, const Replica_status& replica, Assessment& found) {
    const auto name = replica.resource + "/" + std::to_string(replica.volume) + " on " + node;
    if (!replica.trouble.empty()) found.failed.push_back(name + ": " + replica.trouble);
    if (replica.disk != "UpToDate" && !replica.disk.starts_with("Diskless ("))
        found.degraded.push_back(name + " is " + replica.disk);
    for (const auto& peer : replica.peers) {
        const auto whom = peer.node.empty() ? "its peer" : peer.node;
        if (peer.connection == "StandAlone")
            found.degraded.push_back(name + " is StandAlone: it does not look for " + whom +
                                     ", as after a split brain");
        else if (peer.connection != "Connected")
            found.degraded.push_back(name + " is not connected to " + whom + " (" +
                                     peer.connection + ")");
        else if (peer.replication != "Established" && peer.replication != "Off")
            found.degraded.push_back(name + ": " + peer.replication + " with " + whom +
                                     (peer.paused ? ", paused" : ""));
        else if (peer.behind > 0)
            found.degraded.push_back(name + ": " + bytes_text(peer.behind) + " differ from " +
                                     whom);
    }
}

void judge_node(const Node_status& node, Assessment& found) {
    for (const auto& replica : node.replicas) judge_replica(node.name, replica, found);
    for (const auto& group : node.groups)
        for (const auto& volume : group.suspended)
            found.failed.push_back(volume + " on " + node.name + " is suspended: its I/O waits");
    for (const auto& target : node.targets) {
        if (!target.enabled)
            found.failed.push_back("target " + target.name + " on " + node.name + " is disabled");
        for (const auto& unit : target.units)
            if (!unit.usable)
                found.failed.push_back("unit " + std::to_string(unit.number) + " of " +
                                       target.name + " on " + node.name + " is not in operation");
    }
    for (const auto& gap : node.gaps) found.degraded.push_back(node.name + " does not show " + gap);
}

bool is_service(const Status& status, const std::string& address) {
    const auto bare = address.substr(0, address.find('/'));
    return std::find(status.service_addresses.begin(), status.service_addresses.end(), bare) !=
           status.service_addresses.end();
}

/// What two nodes may never have at once.
void judge_doubles(const Status& status, Assessment& found) {
    std::map<std::string, std::vector<std::string>> holders;
    std::map<std::string, std::set<std::string>> primaries;
    for (const auto& report : status.nodes) {
        if (!report.status) continue;
        for (const auto& replica : report.status->replicas)
            if (replica.role == "Primary") primaries[replica.resource].insert(report.name);
        for (const auto& address : report.status->addresses) {
            if (!is_service(status, address.address)) continue;
            holders[address.address].push_back(report.name);
            if (!address.usable)
                found.failed.push_back(address.address + " on " + report.name +
                                       " cannot be used: " + address.link +
                                       " is down, or somebody else has it");
        }
    }
    // Wanted with two primaries, and the worst that can be seen without.
    for (const auto& [resource, nodes] : primaries)
        if (nodes.size() > 1)
            found.degraded.push_back(resource + " is Primary on " +
                                     text::joined({nodes.begin(), nodes.end()}, " and on "));
    for (const auto& [address, nodes] : holders)
        if (nodes.size() > 1)
            found.failed.push_back(address + " is on " + text::joined(nodes, " and on "));
}

std::string counted(std::size_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string sentence_of(const Status& status, const Assessment& found) {
    switch (found.health) {
        case Health::whole: {
            if (!status.cluster) return "Nothing wrong is seen here; the cluster was not asked.";
            std::set<std::string> promoted;
            for (const auto& seen : status.cluster->instances)
                if (seen.role == "Promoted") promoted.insert(seen.nodes.begin(), seen.nodes.end());
            const auto where = text::joined({promoted.begin(), promoted.end()}, " and ");
            return "Whole: everything runs" + (where.empty() ? "" : ", promoted on " + where) + ".";
        }
        case Health::degraded:
            return "Degraded: all serves, and " +
                   counted(found.blocking.size() + found.degraded.size(), "thing") +
                   " should be looked at.";
        case Health::failed:
            break;
    }
    return "Failed: " + counted(found.failed.size(), "part") + " of it " +
           (found.failed.size() == 1 ? "does" : "do") + " not serve.";
}

}  // namespace

Assessment assess(const Status& status) {
    Assessment found;
    if (status.cluster)
        judge_cluster(*status.cluster, found);
    else if (!status.no_cluster.empty())
        found.failed.push_back("Pacemaker does not answer: " + status.no_cluster);
    for (const auto& report : status.nodes) {
        if (report.status) {
            judge_node(*report.status, found);
            continue;
        }
        const auto* seen = status.cluster ? status.cluster->find_node(report.name) : nullptr;
        if (!seen || seen->online)
            found.degraded.push_back(report.name + " was not asked: " + report.not_asked);
    }
    judge_doubles(status, found);
    found.health = !found.failed.empty()                                ? Health::failed
                   : !found.degraded.empty() || !found.blocking.empty() ? Health::degraded
                                                                        : Health::whole;
    found.sentence = sentence_of(status, found);
    return found;
}

}  // namespace san::stack
