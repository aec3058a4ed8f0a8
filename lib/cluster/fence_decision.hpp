// SPDX-License-Identifier: GPL-2.0-or-later
// What a fence-peer handler answers to DRBD, from facts alone.
//
// The rules are those of crm-fence-peer.9.sh: administrators have built on them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/cib_document.hpp"

namespace san::cluster {

/// What DRBD makes of an exit status of its fence-peer handler (drbd_nl.c, conn_try_outdate_peer).
/// Everything else, also 0, is a broken handler: nothing changes, frozen I/O stays frozen.
namespace fence_exit {
inline constexpr int failed = 1;
inline constexpr int inconsistent = 3;  ///< the peer's data is known to be worse; never our answer
inline constexpr int placed = 4;        ///< the peer cannot be promoted: its disk is Outdated
inline constexpr int unreachable = 5;   ///< the same, if the own disk is UpToDate
inline constexpr int primary = 6;       ///< own disk becomes Outdated; never our answer
inline constexpr int fenced = 7;        ///< the peer was shot: its disk is Outdated
}  // namespace fence_exit

enum class Peer_state {
    reachable,    ///< online for the cluster, and its controller answers
    fenced,       ///< offline, and meant to be
    unreachable,  ///< offline, or lost; nobody has confirmed that it is down
    unknown       ///< nobody knows who it is, or it is online and does not answer
};
const char* word(Peer_state state);

/// What is known of a node that shall not be promoted.
struct Sighting {
    std::optional<Node_state> state{};  ///< nothing when the cluster has never seen it
    bool answers = false;               ///< its controller
};

/// Nothing while an answer may still come: the node is being fenced, or is online and silent.
std::optional<Peer_state> judge(const Sighting& seen, const Fencing_properties& fencing,
                                bool time_is_up);

/// The disks of one resource, all volumes together.
struct Disks {
    bool configured = false;
    bool primary = false;
    bool up_to_date = false;        ///< our own
    bool consistent = false;        ///< our own, or better
    bool peers_up_to_date = false;  ///< all of all peers: there is nothing to fence
    std::string words{};            ///< our own, in DRBD's words, for people
};

struct Partition {
    bool has_leader = true;
    bool has_quorum = true;
};

struct Verdict {
    bool place = false;  ///< the constraint, or a stricter one than there is
    int exit_code = fence_exit::failed;
    bool warn = true;
    std::string reason{};
    bool lost = false;  ///< it should be in place, and cannot be

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// `peers` are those that the constraint in place, if any, does not exclude yet. `forced`: an
/// operator at a terminal says that a peer that cannot be reached has no better data.
Verdict decide(const std::vector<Peer_state>& peers, const Disks& disks, const Partition& partition,
               bool forced);

}  // namespace san::cluster
