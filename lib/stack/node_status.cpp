// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/node_status.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <thread>
#include <tuple>

#include "base/bounded.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/writing.hpp"
#include "kernel/addresses.hpp"
#include "kernel/drbd.hpp"
#include "kernel/drbd_words.hpp"
#include "kernel/mapper.hpp"
#include "kernel/tgt.hpp"
#include "kernel/tgt_listing.hpp"
#include "kernel/tgt_requests.hpp"
#include "stack/lio_status.hpp"
#include "stack/status.hpp"
#include "storage/replica_health.hpp"
#include "storage/tgt_conversation.hpp"
#include "storage/volume_group.hpp"

namespace san::stack {

namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 1s;

bool resyncs(const Peer_status& peer) { return peer.replication.starts_with("Sync"); }

std::vector<Replica_status> replicas(const std::vector<drbd::Resource>& resources) {
    std::vector<Replica_status> found;
    for (const auto& resource : resources)
        for (const auto& volume : resource.volumes) {
            Replica_status replica{
                .resource = resource.name,
                .volume = volume.number,
                .minor = volume.minor,
                .role = drbd::word(resource.role),
                .disk = volume.client ? "Diskless (client)" : drbd::word(volume.disk),
                .size = volume.size,
                .trouble = replica::suspension(resource)};
            if (resource.failing_io) replica.trouble = "all its I/O fails";
            for (const auto& peer : resource.peers)
                for (const auto& theirs : peer.volumes) {
                    if (theirs.volume != volume.number) continue;
                    replica.peers.push_back({.node = peer.name,
                                             .connection = drbd::word(peer.connection),
                                             .role = drbd::word(peer.role),
                                             .disk = drbd::word(theirs.disk),
                                             .replication = theirs.replication,
                                             .behind = theirs.out_of_sync,
                                             .total = theirs.resync_total,
                                             .paused = theirs.pause.any()});
                }
            found.push_back(std::move(replica));
        }
    std::sort(found.begin(), found.end(), [](const auto& one, const auto& other) {
        return std::tie(one.resource, one.volume) < std::tie(other.resource, other.volume);
    });
    return found;
}

std::string key(const Replica_status& replica, const Peer_status& peer) {
    return replica.resource + "/" + std::to_string(replica.volume) + "/" + peer.node;
}

/// Twice where a resync runs: how fast it is, is what lies between.
std::vector<Replica_status> look_at_replicas(drbd::Kernel& kernel) {
    auto first = replicas(kernel.all());
    std::map<std::string, std::uint64_t> before;
    for (const auto& replica : first)
        for (const auto& peer : replica.peers)
            if (resyncs(peer)) before[key(replica, peer)] = peer.behind;
    if (before.empty()) return first;
    const auto begin = Deadline::Clock::now();
    std::this_thread::sleep_for(between_looks);
    auto second = replicas(kernel.all());
    const auto passed = std::chrono::duration<double>(Deadline::Clock::now() - begin).count();
    for (auto& replica : second)
        for (auto& peer : replica.peers) {
            const auto was = before.find(key(replica, peer));
            if (was == before.end() || was->second <= peer.behind) continue;
            peer.rate =
                static_cast<std::uint64_t>(static_cast<double>(was->second - peer.behind) / passed);
        }
    return second;
}

std::vector<Group_status> look_at_groups(Mapper& mapper) {
    std::map<std::string, Group_status> groups;
    for (const auto& device : mapper.devices()) {
        if (!device.uuid.starts_with("LVM-")) continue;
        const auto name = volume_group::group_of(device.name);
        auto& group = groups[name];
        group.name = name;
        ++group.volumes;
        if (device.suspended) group.suspended.push_back(device.name);
    }
    std::vector<Group_status> found;
    for (auto& [name, group] : groups) found.push_back(std::move(group));
    return found;
}

std::vector<Target_status> look_at_tgt(System& node, const Deadline& deadline) {
    std::vector<Target_status> found;
    const Tgt_conversation talk{node.tgt, deadline, "tgtd"};
    const auto all = talk.targets();
    if (all.empty()) return found;
    const auto portals = tgt::parse_portals(talk.find(tgt::show_portals()).value_or(""));
    for (const auto& each : all) {
        Target_status target{
            .name = each.name, .by = "tgt", .enabled = each.state == "ready", .portals = portals};
        for (const auto& unit : each.units)
            if (unit.type != "controller")
                target.units.push_back({.number = unit.number,
                                        .device = unit.path,
                                        .size = size_of(unit.path, node.files),
                                        .usable = unit.online});
        for (const auto& connection : each.connections)
            target.sessions.push_back(
                {.initiator = connection.initiator, .address = connection.address});
        found.push_back(std::move(target));
    }
    return found;
}

std::vector<Address_status> look_at_addresses(System& node) {
    std::vector<Address_status> found;
    for (const auto& address : node.addresses.list()) {
        if (address.ip.is_loopback() || address.ip.is_link_local()) continue;
        const auto link = node.links.find(address.link);
        found.push_back({.address = address.ip.to_text() + "/" + std::to_string(address.prefix),
                         .link = link ? link->name : "",
                         .usable = link && link->up && link->carrier && !address.duplicate_found});
    }
    return found;
}

template <class Values>
void append(Values& all, const Values& more) {
    all.insert(all.end(), more.begin(), more.end());
}

void add(Node_status& all, const Node_status& part) {
    append(all.replicas, part.replicas);
    append(all.groups, part.groups);
    append(all.targets, part.targets);
    append(all.addresses, part.addresses);
}

}  // namespace

Node_status look_at_node(System& node, const Deadline& deadline) {
    Node_status all{.name = node.name};
    // In children that may be abandoned: any of these can wait for a device that hangs.
    const auto part = [&](const char* name, const std::function<void(Node_status&)>& look) {
        try {
            const Shared_text seen;
            // Half of what is left, so that those behind one that hangs have their turn.
            const auto part_of_time = deadline.within(deadline.left() / 2);
            node.bounded.run(part_of_time, [&](const Bounded::Progress& progress) {
                progress(name);
                Node_status status{.name = node.name};
                look(status);
                seen.write(to_json(Status{.nodes = {{.name = node.name, .status = status}}}));
                return Change::none;
            });
            add(all, node_from_json(seen.read()));
        } catch (const Error& problem) {
            all.gaps.push_back(std::string{name} + ": " + problem.what());
        }
    };
    part("DRBD", [&](auto& status) { status.replicas = look_at_replicas(node.drbd); });
    part("device-mapper", [&](auto& status) { status.groups = look_at_groups(node.mapper); });
    part("LIO", [&](auto& status) { status.targets = look_at_lio(node.configfs, node.files); });
    part("tgt", [&](auto& status) { status.targets = look_at_tgt(node, deadline); });
    part("addresses", [&](auto& status) { status.addresses = look_at_addresses(node); });
    return all;
}

}  // namespace san::stack
