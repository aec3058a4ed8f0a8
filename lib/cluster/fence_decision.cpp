// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_decision.hpp"

#include <algorithm>

namespace san::cluster {

namespace {

/// Whether the scheduler will have the node fenced, or might (determine_online_status_fencing in
/// Pacemaker's unpack.c, 2.1.5).
bool will_be_fenced(const std::optional<Node_state>& state, const Fencing_properties& fencing) {
    if (!fencing.enabled) return false;
    if (!state) return fencing.at_startup;
    if (!state->member || state->join == "banned") return true;
    // A node that nobody expects anything of is expected to be down.
    const bool clean = state->expected.value_or("down") == "down";
    if (!*state->member && !state->online && clean) return false;
    return !*state->member || !state->online;
}

}  // namespace

const char* word(Peer_state state) {
    switch (state) {
        case Peer_state::reachable:
            return "reachable";
        case Peer_state::fenced:
            return "fenced";
        case Peer_state::unreachable:
            return "unreachable";
        case Peer_state::unknown:
            break;
    }
    return "unknown";
}

std::optional<Peer_state> judge(const Sighting& seen, const Fencing_properties& fencing,
                                bool time_is_up) {
    const auto& state = seen.state;
    // Without fencing, "online" can stay for ever once the old membership layer says dead.
    const bool online = state && state->online && (fencing.enabled || !state->dead);
    if (!online && !will_be_fenced(state, fencing)) {
        const bool down = state && state->expected == "down" && state->member == false;
        return down ? Peer_state::fenced : Peer_state::unreachable;
    }
    if (online && seen.answers) return Peer_state::reachable;
    if (!time_is_up) return {};
    return online ? Peer_state::unknown : Peer_state::unreachable;
}

Verdict decide(const std::vector<Peer_state>& peers, const Disks& disks, const Partition& partition,
               bool forced) {
    const auto all = [&](Peer_state wanted) {
        return std::all_of(peers.begin(), peers.end(),
                           [&](Peer_state each) { return each == wanted; });
    };
    const auto mine = "my disk is " + disks.words;
    const auto refuse = [](int code, std::string reason) {
        return Verdict{.place = false, .exit_code = code, .warn = true, .reason = reason};
    };
    const auto place = [](int code, std::string reason, bool warn) {
        return Verdict{.place = true, .exit_code = code, .warn = warn, .reason = reason};
    };

    if (!partition.has_quorum)
        return refuse(fence_exit::failed, "this partition of the cluster has no quorum");
    if (disks.peers_up_to_date)
        return refuse(fence_exit::failed, "all disks of all peers are UpToDate");
    if (!disks.configured)
        return refuse(fence_exit::failed, "DRBD does not have this resource here");
    const bool wants_to_place = disks.up_to_date || (forced && disks.consistent);
    if (!partition.has_leader) {
        if (wants_to_place)
            return {.exit_code = fence_exit::failed,
                    .reason = "the cluster's DC does not answer",
                    .lost = true};
    } else {
        if (all(Peer_state::reachable) && disks.consistent)
            return place(fence_exit::placed, "peers are reachable, " + mine, false);
        // Only if UpToDate: that a peer could be shot makes our data no better.
        if (all(Peer_state::fenced) && disks.up_to_date)
            return place(fence_exit::fenced, "peers are fenced, " + mine, false);
        if (disks.up_to_date)
            return place(fence_exit::unreachable,
                         "not every peer is known to be down or reachable, " + mine, false);
        if (forced && disks.consistent)
            return place(fence_exit::unreachable,
                         "peers are taken for outdated because an operator says so, " + mine +
                             ": this can lose data",
                         true);
    }
    // The truth would be 6 at times, which outdates our disk: not on a guess.
    return refuse(fence_exit::unreachable, "a peer may have better data, " + mine);
}

}  // namespace san::cluster
