// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_health.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kernel/drbd_words.hpp"

namespace san::replica {

namespace {

std::string volume_named(unsigned number) { return "volume " + std::to_string(number); }

void add_own(std::vector<std::string>& troubles, const drbd::Volume& volume) {
    if (volume.client) return;
    if (volume.disk != drbd::Disk::up_to_date)
        troubles.push_back(volume_named(volume.number) + " is " + drbd::word(volume.disk));
    if (!volume.has_quorum) troubles.push_back(volume_named(volume.number) + " has no quorum");
}

/// 8.4 has one peer, and no name for it.
std::string name_of(const drbd::Peer& peer) { return peer.name.empty() ? "the peer" : peer.name; }

void add_peer(std::vector<std::string>& troubles, const drbd::Peer& peer) {
    if (peer.connection == drbd::Connection::stand_alone) {
        // Nothing in the kernel tells the two apart: the handler "split-brain" does.
        troubles.push_back(name_of(peer) +
                           ": StandAlone, after a split brain or disconnected by somebody");
        return;
    }
    if (peer.connection != drbd::Connection::connected) {
        troubles.push_back(name_of(peer) + ": not connected (" + drbd::word(peer.connection) + ")");
        return;
    }
    for (const auto& volume : peer.volumes)
        if (!volume.client && volume.disk != drbd::Disk::up_to_date)
            troubles.push_back(volume_named(volume.volume) + " of " + name_of(peer) + " is " +
                               drbd::word(volume.disk));
}

}  // namespace

std::string suspension(const drbd::Resource& resource) {
    if (!resource.suspended) return {};
    std::vector<std::string> reasons;
    if (resource.suspension.user) reasons.emplace_back("by hand");
    if (resource.suspension.no_data) reasons.emplace_back("no good data can be reached");
    if (resource.suspension.fencing) reasons.emplace_back("the peer is not known to be fenced");
    if (resource.suspension.quorum) reasons.emplace_back("no quorum");
    return "its I/O is suspended: " + text::joined(reasons, ", ");
}

std::vector<std::string> faults(const drbd::Resource& resource) {
    std::vector<std::string> faults;
    // What a start that was killed leaves.
    if (resource.volumes.empty()) faults.emplace_back("it has no volume");
    if (resource.failing_io) faults.emplace_back("it was demoted by force and fails all I/O");
    return faults;
}

std::vector<std::string> troubles(const drbd::Resource& resource) {
    std::vector<std::string> troubles;
    if (resource.suspended) troubles.push_back(suspension(resource));
    for (const auto& volume : resource.volumes) add_own(troubles, volume);
    if (resource.peers.empty()) troubles.emplace_back("it has no peer");
    for (const auto& peer : resource.peers) add_peer(troubles, peer);
    return troubles;
}

}  // namespace san::replica
