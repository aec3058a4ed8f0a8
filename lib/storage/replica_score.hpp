// SPDX-License-Identifier: GPL-2.0-or-later
// What promoting a replica on this node is worth to the cluster.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "kernel/drbd.hpp"

namespace san {

/// How much each quality of data is worth when the cluster chooses whom to promote.
struct Score_table {
    int consistent_only = 0;  ///< no peer tells whether this is the newest
    int remote_only = 10;     ///< good data on a peer, not here
    int peer_unknown = 1000;  ///< good data here, and nothing known of a peer
    int good = 10000;         ///< good data here, and every peer is known

    /// Four numbers that do not fall. Errors: misconfigured.
    static Score_table parse(std::string_view text);
};

/// What a peer that is Primary, with good data, means to a node that is not.
enum class Peer_primary {
    counts_nothing,      ///< the cluster may know already that it is dead, before DRBD does
    forbids,             ///< no score
    forbids_unexpected,  ///< no score if the cluster has not promoted it
};

/// A truth value, or "unexpected".
struct Peer_primary_rule {
    Peer_primary rule = Peer_primary::counts_nothing;
    static Peer_primary_rule parse(std::string_view text);
};

namespace replica {

struct Score_rules {
    Score_table table{};
    Peer_primary peer_primary = Peer_primary::counts_nothing;
    /// Whether a Primary peer is one that the cluster knows nothing of. Asked only when needed.
    std::function<bool()> is_unexpected = [] { return false; };
    /// No score for the target of a resync: its source has the better data.
    bool prefers_sync_source = false;
};

/// Whether to touch a score, and the new one; none means that this node must not be promoted.
struct Verdict {
    bool keep = false;
    std::optional<int> score{};
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// What promoting this node is worth.
Verdict judge(const drbd::Resource& resource, const Score_rules& rules);

/// Whether this node is Secondary beside a peer that is Primary.
bool has_primary_peer(const drbd::Resource& resource);
/// Whether some peer's disks cannot be seen.
bool has_unknown_peer(const drbd::Resource& resource);

}  // namespace replica
}  // namespace san
