// SPDX-License-Identifier: GPL-2.0-or-later
// One node's part of the storage, as its kernel shows it at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "kernel/system.hpp"

namespace san::stack {

/// A replica's view of one other replica of a volume.
struct Peer_status {
    std::string node{};        ///< DRBD's name of it; empty on 8.4
    std::string connection{};  ///< DRBD's words, here and below
    std::string role{};
    std::string disk{};
    std::string replication{};  ///< "Established", "SyncSource", ...
    std::uint64_t behind = 0;   ///< bytes that differ
    std::uint64_t total = 0;    ///< bytes of the resync that runs; 0 where the kernel does not tell
    /// Bytes per second that a resync gets on with; nothing when none runs, or it does not move.
    std::optional<std::uint64_t> rate{};
    bool paused = false;
};

/// One volume of a replicated resource.
struct Replica_status {
    std::string resource{};
    unsigned volume = 0;
    unsigned minor = 0;
    std::string role{};
    std::string disk{};
    std::uint64_t size = 0;  ///< bytes
    std::string trouble{};   ///< why its I/O waits or fails; empty when it does not
    std::vector<Peer_status> peers{};
};

struct Group_status {
    std::string name{};
    unsigned volumes = 0;  ///< active ones
    std::vector<std::string> suspended{};
};

struct Unit_status {
    std::uint64_t number = 0;
    std::string device{};
    std::uint64_t size = 0;  ///< bytes; 0 where nobody tells
    bool usable = true;      ///< the target's own word
};

struct Session_status {
    std::string initiator{};
    std::string address{};
};

struct Target_status {
    std::string name{};
    std::string by{};  ///< "LIO", "tgt"
    bool enabled = true;
    std::vector<std::string> portals{};
    std::vector<Unit_status> units{};
    std::vector<Session_status> sessions{};
};

struct Address_status {
    std::string address{};  ///< "192.0.2.1/24"
    std::string link{};
    bool usable = true;  ///< the link has a carrier, and nobody else has the address
};

struct Node_status {
    std::string name{};
    std::vector<Replica_status> replicas{};
    std::vector<Group_status> groups{};
    std::vector<Target_status> targets{};
    std::vector<Address_status> addresses{};
    /// Parts that could not be looked at, one sentence each.
    std::vector<std::string> gaps{};
};

/// Looks at this node. A part that does not answer within its share of the time is a gap: nothing
/// here waits for a kernel that hangs.
///
/// Shape   a resync is looked at twice, a second apart, for its rate
Node_status look_at_node(System& node, const Deadline& deadline);

}  // namespace san::stack
