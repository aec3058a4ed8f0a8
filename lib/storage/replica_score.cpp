// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_score.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

Score_table Score_table::parse(std::string_view text) {
    std::vector<int> numbers;
    for (const auto& word : text::words(text))
        numbers.push_back(text::number<int>(word).value_or(-1));
    if (numbers.size() != 4 || numbers[0] < 0 || !std::is_sorted(numbers.begin(), numbers.end()))
        throw Error{Kind::misconfigured,
                    "expected four numbers that do not fall, such as 0 10 1000 10000"};
    return {numbers[0], numbers[1], numbers[2], numbers[3]};
}

Peer_primary_rule Peer_primary_rule::parse(std::string_view text) {
    if (text == "unexpected") return {Peer_primary::forbids_unexpected};
    return {text::is_true(text) ? Peer_primary::forbids : Peer_primary::counts_nothing};
}

namespace replica {

namespace {

using drbd::Disk;
using drbd::Role;

bool is_client(const drbd::Resource& resource) {
    return !resource.volumes.empty() &&
           std::all_of(resource.volumes.begin(), resource.volumes.end(),
                       [](const drbd::Volume& volume) { return volume.client; });
}

bool all_volumes(const drbd::Resource& resource, const std::function<bool(Disk)>& is) {
    return !resource.volumes.empty() &&
           std::all_of(resource.volumes.begin(), resource.volumes.end(),
                       [&](const drbd::Volume& volume) { return is(volume.disk); });
}

/// What the peers that have disks say of them.
struct Peers {
    bool some_good = false;  ///< a peer has all its volumes UpToDate
    bool all_good = false;   ///< so has every one
    bool some_unknown = false;
};

Peers look_at_peers(const drbd::Resource& resource) {
    Peers peers;
    bool some_bad = false;
    for (const auto& peer : resource.peers) {
        const auto& volumes = peer.volumes;
        if (std::all_of(volumes.begin(), volumes.end(), [](const auto& v) { return v.client; }))
            continue;
        const bool good = std::all_of(volumes.begin(), volumes.end(), [](const auto& volume) {
            return volume.disk == Disk::up_to_date;
        });
        (good ? peers.some_good : some_bad) = true;
        peers.some_unknown |= std::any_of(volumes.begin(), volumes.end(), [](const auto& volume) {
            return volume.disk == Disk::unknown;
        });
    }
    peers.all_good = peers.some_good && !some_bad;
    return peers;
}

bool is_sync_target(const drbd::Resource& resource) {
    // From the moment that the kernel knows which way the blocks will go.
    constexpr std::array words{"StartingSyncT", "WFBitMapT",   "WFSyncUUID",
                               "SyncTarget",    "PausedSyncT", "Behind"};
    return std::any_of(resource.peers.begin(), resource.peers.end(), [&](const auto& peer) {
        return std::any_of(peer.volumes.begin(), peer.volumes.end(), [&](const auto& volume) {
            return std::find(words.begin(), words.end(), volume.replication) != words.end();
        });
    });
}

/// Zero is "do not promote", as no score is.
Verdict worth(int score) { return score > 0 ? Verdict{.score = score} : Verdict{}; }

Verdict judge_client(bool is_primary, const Peers& peers, const Score_table& table) {
    // One less than a node with the same data of its own.
    if (peers.some_good && (is_primary || peers.all_good)) return worth(table.good - 1);
    return peers.some_good ? worth(table.peer_unknown - 1) : Verdict{};
}

}  // namespace

Verdict judge(const drbd::Resource& resource, const Score_rules& rules) {
    const auto& table = rules.table;
    const auto peers = look_at_peers(resource);
    const bool is_primary = resource.role == Role::primary;
    for (const auto& volume : resource.volumes)
        if (!volume.client && !volume.has_quorum) return {};
    if (rules.peer_primary != Peer_primary::counts_nothing && peers.some_good &&
        has_primary_peer(resource) &&
        (rules.peer_primary == Peer_primary::forbids || rules.is_unexpected()))
        return {};
    if (rules.prefers_sync_source && !is_primary && is_sync_target(resource)) return {};
    if (is_client(resource)) return judge_client(is_primary, peers, table);

    const auto is = [](Disk wanted) { return [=](Disk disk) { return disk == wanted; }; };
    if (all_volumes(resource, is(Disk::up_to_date)))
        return worth(is_primary || !peers.some_unknown ? table.good : table.peer_unknown);
    if (peers.some_good) return worth(table.remote_only);
    for (const auto& volume : resource.volumes)
        if (volume.disk == Disk::attaching || volume.disk == Disk::negotiating)
            return {.keep = true};
    const auto usable = [](Disk disk) {
        return disk == Disk::consistent || disk == Disk::up_to_date;
    };
    return all_volumes(resource, usable) ? worth(table.consistent_only) : Verdict{};
}

bool has_primary_peer(const drbd::Resource& resource) {
    return resource.role != Role::primary &&
           std::any_of(resource.peers.begin(), resource.peers.end(),
                       [](const auto& peer) { return peer.role == Role::primary; });
}

bool has_unknown_peer(const drbd::Resource& resource) {
    return look_at_peers(resource).some_unknown;
}

}  // namespace replica
}  // namespace san
