// SPDX-License-Identifier: GPL-2.0-or-later
// What DRBD tells through the handlers of drbd.conf(5), and how a person is told: one row each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace san {

struct Replica_event {
    std::string_view name;      ///< the handler's
    int priority;               ///< of syslog(3)
    std::string_view headline;  ///< for a subject
    std::string_view link;      ///< what comes before the peer's name; empty: no peer belongs to it
    std::string_view story;     ///< what has happened and what that means
    std::string_view advice;    ///< what to look at and to do
    /// Good states of disks and connections show that it is over. They do not when blocks differ:
    /// those states go on through it.
    bool seen_in_states = true;
    /// What stands behind it in the handler's line takes the node away.
    bool ends_node = false;
};

/// All of them, as documentation and tests go through them.
const std::vector<Replica_event>& replica_events();

/// Also by its other name, "local-io-error". Null when there is none.
const Replica_event* find_replica_event(std::string_view name);

/// How san-drbd-notify is called.
struct Handler_call {
    enum class Task { notify, clear, help };

    Task task = Task::notify;
    const Replica_event* event = nullptr;
    std::vector<std::string> recipients{};
    std::string resource{};           ///< whose alarm is cleared
    std::string facility = "daemon";  ///< of syslog(3)

    /// The event is in the name it is called by, "notify-split-brain.sh", or the first word. Takes
    /// the options of DRBD's own notify.sh.
    ///
    /// Errors  misconfigured
    static Handler_call parse(std::string_view called_as, const std::vector<std::string>& words);
};

}  // namespace san
