// SPDX-License-Identifier: GPL-2.0-or-later
// A DRBD resource as the cluster sees it: what it is worth promoting, and its changes of role.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounded.hpp"
#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/drbd.hpp"
#include "kernel/files.hpp"

namespace san {

/// The name of a DRBD resource.
class Replica_name {
public:
    /// Source  the characters that drbd.conf(5)'s parser takes for a name without quotation marks
    /// Errors  misconfigured
    static Replica_name parse(std::string_view text);
    const std::string& to_text() const { return name_; }

private:
    explicit Replica_name(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

/// How much each quality of data is worth when the cluster chooses whom to promote.
struct Score_table {
    int consistent_only = 0;  ///< no peer tells whether this is the newest
    int remote_only = 10;     ///< good data on a peer, not here
    int peer_unknown = 1000;  ///< good data here, and nothing known of a peer
    int good = 10000;         ///< good data here, and every peer is known

    /// Four numbers that do not fall. Errors: misconfigured.
    static Score_table parse(std::string_view text);
};

namespace replica {

/// Whether to touch a score, and the new one; none means that this node must not be promoted.
struct Verdict {
    bool keep = false;
    std::optional<int> score{};
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// Pure. What promoting this node is worth.
Verdict judge(const drbd::Resource& resource, const Score_table& table);

/// Why the resource is not usable although it is there; empty when it is.
std::vector<std::string> faults(const drbd::Resource& resource);

// The changes of role run in a bounded child, because the kernel answers when it is done: fencing a
// peer that has died can take long. What cannot succeed later fails at once.

/// Errors  failed with DRBD's own words
Change promote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded,
               const Deadline& deadline);

/// Waits for those who have a volume open only for a moment. Change: none when it is not there.
Change demote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded, const Files& files,
              const Deadline& deadline);

/// Demotes and removes the resource. Needs no configuration file.
Change take_down(const std::string& name, drbd::Kernel& kernel, Bounded& bounded,
                 const Files& files, const Deadline& deadline);

/// Waits until all peers are connected, or the deadline. Returns whether they are.
bool await_peers(const std::string& name, drbd::Kernel& kernel, const Deadline& deadline);

}  // namespace replica
}  // namespace san
