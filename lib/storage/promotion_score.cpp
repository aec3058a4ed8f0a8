// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/promotion_score.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "kernel/drbd_words.hpp"

namespace san {

using drbd::Disk;

namespace {

int good_copies(const drbd::Resource& resource, const drbd::Volume& volume) {
    int copies = volume.disk == Disk::up_to_date ? 1 : 0;
    for (const auto& peer : resource.peers)
        for (const auto& there : peer.volumes)
            if (there.volume == volume.number && there.disk == Disk::up_to_date) ++copies;
    return copies;
}

/// Outdated data is as good as none.
bool has_disk(const drbd::Volume& volume) {
    return volume.disk == Disk::up_to_date || volume.disk == Disk::consistent ||
           volume.disk == Disk::inconsistent;
}

}  // namespace

int promotion_score(const drbd::Resource& resource) {
    constexpr int most = 99;
    if (resource.failing_io || resource.volumes.empty()) return 0;
    int good_disks = 0, fewest_copies = std::numeric_limits<int>::max();
    bool all_disks = true;
    for (const auto& volume : resource.volumes) {
        if (!volume.has_quorum) return 0;
        if (volume.disk == Disk::up_to_date) ++good_disks;
        all_disks = all_disks && has_disk(volume);
        fewest_copies = std::min(fewest_copies, good_copies(resource, volume));
    }
    if (fewest_copies == 0) return 0;
    return (all_disks ? 10000 : 0) + 100 * std::min(good_disks, most) +
           std::min(fewest_copies, most);
}

std::string summary(const drbd::Resource& resource) {
    std::vector<std::string> disks;
    for (const auto& volume : resource.volumes)
        disks.emplace_back(std::string{drbd::word(volume.disk)} +
                           (volume.has_quorum ? "" : "(no quorum)"));
    auto text = std::string{"role:"} + drbd::word(resource.role) +
                " disk:" + text::joined(disks, ",") +
                (resource.failing_io ? " force-io-failures:yes" : "");
    for (const auto& peer : resource.peers) {
        std::vector<std::string> words{
            peer.connection == drbd::Connection::connected ? "connected" : "not connected"};
        for (const auto& volume : peer.volumes) words.emplace_back(drbd::word(volume.disk));
        text += " " + (peer.name.empty() ? std::string{"peer"} : peer.name) + ":" +
                text::joined(words, ",");
    }
    return text;
}

}  // namespace san
