// SPDX-License-Identifier: GPL-2.0-or-later
// Gives resources of a running cluster agents of another provider, while what runs goes on.
//
//   at rest ── maintenance and mark ── idle ── providers ── probes ── the same picture? ── leave
//                    (one change)            (one change)              │ no
//                                                                      └─ old providers ── probes
//                                                                      ── leave
//
// In maintenance mode the cluster starts and stops nothing, whatever it does not know meanwhile.
// Every change is made only to the version of the configuration that was judged. Killed at any
// point, the mark in the configuration says what was begun: the next run, on any node, finishes it
// or takes it back.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cluster/cluster.hpp"
#include "stack/agent_sites.hpp"
#include "stack/migration_mark.hpp"

namespace san::stack {

struct Migration_request {
    Selection selection{};
    bool trusts_nodes = false;
};

/// What a look at the cluster says about a change.
struct Migration_plan {
    std::vector<Provider_change> changes{};
    std::vector<std::string> obstacles{};  ///< it is not made while there is one
    std::vector<std::string> remarks{};    ///< worth knowing
    /// The look was taken at this version of the CIB.
    std::string cib{};
    Cluster_picture picture{};
};

enum class Migration_result {
    done,
    nothing_to_do,
    refused,     ///< obstacles; nothing was changed
    taken_back,  ///< the new agents saw something else; all is as before
    left,        ///< in maintenance mode: not even the old agents see what they saw before
};

class Migration {
public:
    using Say = std::function<void(const std::string&)>;

    Migration(cluster::Cluster& cluster, Commands& commands, const Agent_sites& sites, Say say,
              Deadline deadline);

    /// A change that was begun and not finished.
    std::optional<Migration_mark> find_unfinished() const;
    /// Errors  misconfigured for a selection that names nothing; failed
    Migration_plan plan(const Migration_request& request) const;
    /// Errors  failed; what was begun then stays begun, for the next call
    Migration_result apply(const Migration_request& request);

private:
    Migration_result finish(const Migration_mark& mark, bool is_new);
    Migration_result take_back(const Migration_mark& mark, const std::vector<std::string>& why);
    void change(const char* section, const std::function<void(Cib_copy&)>& edit) const;
    bool try_change(const std::string& cib, const char* section,
                    const std::function<void(Cib_copy&)>& edit) const;
    /// Waits until the cluster is idle and has an answer about all of those.
    void settle(const std::vector<std::string>& tops) const;
    bool is_leader_idle() const;
    void probe(const std::vector<std::string>& tops) const;
    /// What the scheduler would start, stop or move.
    std::vector<std::string> simulate(const Cib_copy& cib) const;
    /// Sentences; none when all is as it was, and would stay so without maintenance mode.
    std::vector<std::string> compare(const Migration_mark& mark) const;
    void leave(const Migration_mark& mark) const;
    void check_agents(Migration_plan& plan, const Cib_copy& cib, bool trusts_nodes) const;

    cluster::Cluster* cluster_;
    Commands* commands_;
    const Agent_sites* sites_;
    Say say_;
    Deadline deadline_;
};

}  // namespace san::stack
