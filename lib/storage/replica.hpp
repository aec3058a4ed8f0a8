// SPDX-License-Identifier: GPL-2.0-or-later
// A DRBD resource as the cluster sees it: its name, and its changes of role.
#pragma once

#include <functional>
#include <string>
#include <string_view>

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

namespace replica {

// The changes of role run in a bounded child, because the kernel answers when it is done: fencing a
// peer that has died can take long. What cannot succeed later fails at once.

struct Promotion_rules {
    /// Not to wait for quorum to come back.
    bool gives_up_without_quorum = false;
    /// Asked when another node is Primary: whether not to wait for its demotion.
    std::function<bool()> gives_up_beside_primary = [] { return false; };
};

/// Errors  failed with DRBD's own words
Change promote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded, const Files& files,
               const Deadline& deadline, const Promotion_rules& rules);

/// Waits for those who have a volume open, and names them when they stay. Change: none when it is
/// not there.
Change demote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded, const Files& files,
              const Deadline& deadline);

/// Demotes and removes the resource. Needs no configuration file.
Change take_down(const std::string& name, drbd::Kernel& kernel, Bounded& bounded,
                 const Files& files, const Deadline& deadline);

/// Waits until all peers are connected, or the deadline. Returns whether they are.
bool await_peers(const std::string& name, drbd::Kernel& kernel, const Deadline& deadline);

}  // namespace replica
}  // namespace san
