// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's handler fence-peer.
#include "cluster/fencing.hpp"

#include <algorithm>
#include <set>

#include "base/log.hpp"
#include "cluster/fence_call.hpp"
#include "cluster/fence_nodes.hpp"

namespace san::cluster {

namespace {

class Fencing : Fence_call {
public:
    Fencing(const Fence_request& request, const Fence_scene& scene) : Fence_call{request, scene} {}

    Handled run();
    /// With what was known at the end.
    Handled signed_by_us(Handled done) const {
        done.own = own_;
        done.cluster_fences = cluster_fences_;
        return done;
    }

private:
    std::optional<Peer_state> look_at(const Cib_document& cib,
                                      const std::optional<std::string>& node);
    std::optional<std::vector<Peer_state>> peers(const Cib_document& cib, const Fence_nodes& nodes,
                                                 const std::optional<Found_constraint>& found);
    std::optional<Handled> judge_found(const Cib_document& cib, const Fence_nodes& nodes,
                                       const Found_constraint& found) const;
    bool place(const Cib_document& cib, const Fence_nodes& nodes,
               const std::optional<Found_constraint>& found);
    bool peers_are_back() const;
    Handled look_again(Handled done, const Constraint& placed);

    std::string own_{};
    bool cluster_fences_ = true;
    std::set<std::string> silent_{};  ///< nodes that were given their last chance
};

std::optional<Peer_state> Fencing::look_at(const Cib_document& cib,
                                           const std::optional<std::string>& node) {
    const bool time_is_up = is_over(request_.options.timeout);
    if (!node) {
        // Who it is will not be known later either. The time is for a fencing that hits us.
        if (!time_is_up) return {};
        return Peer_state::unknown;
    }
    Sighting seen{.state = cib.find_state(*node)};
    // For the cluster test suite, whose nodes start without ever having been seen.
    if (!seen.state && request_.options.cts) return Peer_state::reachable;
    // Once more when time is up, but not each time that the CIB has changed.
    if (seen.state && seen.state->online && !(time_is_up && silent_.contains(*node)))
        seen.answers = scene_.cluster.answers(*node, allowed(one_answer, request_.options.timeout));
    if (time_is_up && !seen.answers) silent_.insert(*node);
    return judge(seen, cib.fencing(), time_is_up);
}

/// Nothing while some of them may still be fenced, or answer.
std::optional<std::vector<Peer_state>> Fencing::peers(
    const Cib_document& cib, const Fence_nodes& nodes,
    const std::optional<Found_constraint>& found) {
    std::vector<Peer_state> states;
    for (const auto& node : nodes.excluded) {
        // Whatever it does, it will not be promoted.
        if (found && node && !allows_node(cib, found->constraint, *node)) continue;
        const auto state = look_at(cib, node);
        if (!state) return {};
        log::debug(node ? *node : "an unknown peer", " is ", word(*state));
        states.push_back(*state);
    }
    return states;
}

std::optional<Handled> Fencing::judge_found(const Cib_document& cib, const Fence_nodes& nodes,
                                            const Found_constraint& found) const {
    const auto& id = found.constraint.id;
    if (!found.ours) return failed("constraint " + id + " has another form than ours", true);
    if (found.constraint.same(nodes.wanted))
        return Handled{.exit_code = fence_exit::placed,
                       .reason = "constraint " + id + " is in place already",
                       .warn = false};
    // The peer has won, or had better data all along: not 6, which would outdate ours on a guess.
    if (!allows_node(cib, found.constraint, nodes.own))
        return failed("constraint " + id + " is in place and excludes this node", true);
    return {};
}

bool Fencing::place(const Cib_document& cib, const Fence_nodes& nodes,
                    const std::optional<Found_constraint>& found) {
    if (!found) return change({Edit::Verb::add, at_constraints(cib), nodes.wanted.to_xml()});
    // Others may have excluded nodes that we know nothing of: only ever less is allowed.
    const auto edited = stricter(cib, found->constraint, nodes.excluded);
    if (edited.same(found->constraint)) return true;
    return change({Edit::Verb::replace, at_constraint(cib, edited.id), edited.to_xml()});
}

/// A kernel that does not answer does not say so.
bool Fencing::peers_are_back() const try {
    return replica().disks.peers_up_to_date;
} catch (const Error& problem) {
    log::warning(problem.what());
    return false;
}

/// The link may have come back while the constraint was being placed, and the handler of that
/// moment found nothing to remove.
Handled Fencing::look_again(Handled done, const Constraint& placed) try {
    if (done.exit_code == fence_exit::unreachable || !peers_are_back()) return done;
    for (;;) {
        const auto cib = read();
        const auto found = cib.find_constraint(placed.id);
        if (!found) break;
        change({Edit::Verb::remove, at_constraint(cib, placed.id)});
        if (is_over(request_.options.longest() + one_write))
            return failed("constraint " + placed.id + " cannot be removed again");
    }
    return failed("constraint " + placed.id +
                  " removed again: all disks of all peers are UpToDate");
} catch (const Error& problem) {
    // The peer has good data: nothing is at risk, but it will not be promoted.
    return failed("constraint " + placed.id + " cannot be removed again: " + problem.what());
}

Handled Fencing::run() {
    const auto& options = request_.options;
    for (;;) {
        const auto cib = read();
        const auto clone = clone_in(cib);
        const auto self = scene_.cluster.find_self(allowed(one_answer));
        own_ = own_name(cib, self);
        cluster_fences_ = cib.fencing().enabled;
        const auto nodes = fence_nodes(request_, cib, own_, clone);
        const auto found = cib.find_constraint(nodes.wanted.id);
        if (found)
            if (const auto end = judge_found(cib, nodes, *found))
                return end->lost ? *end : look_again(*end, nodes.wanted);

        const bool has_leader =
            self && cib.names_leader() && scene_.cluster.answers({}, allowed(one_answer));
        if (!has_leader && !is_over(options.leader_timeout)) {
            wait(options.leader_timeout);
            continue;
        }
        std::optional<std::vector<Peer_state>> states{std::in_place};
        if (has_leader) states = peers(cib, nodes, found);
        if (!states) {
            wait(options.timeout);
            continue;
        }
        const auto now = replica();
        const bool all_reachable = std::all_of(states->begin(), states->end(), [](auto state) {
            return state == Peer_state::reachable;
        });
        // The link may recover by itself.
        if (has_leader && all_reachable && !now.disks.peers_up_to_date &&
            !is_over(options.hickup)) {
            wait(options.hickup);
            continue;
        }
        const Partition partition{.has_leader = has_leader,
                                  .has_quorum = cib.has_quorum() && (!self || self->has_quorum)};
        const auto verdict = decide(*states, now.disks, partition, options.unreachable_is_outdated);
        if (!verdict.place)
            return {verdict.exit_code, "no constraint placed: " + verdict.reason, verdict.warn,
                    verdict.lost};
        if (place(cib, nodes, found))
            return look_again(
                {verdict.exit_code, "constraint " + nodes.wanted.id + " placed: " + verdict.reason,
                 verdict.warn},
                nodes.wanted);
        if (is_over(options.longest()))
            return failed("the CIB changes all the time: constraint not placed", true);
    }
}

}  // namespace

Handled fence(const Fence_request& request, const Fence_scene& scene) {
    Fencing fencing{request, scene};
    try {
        return fencing.signed_by_us(fencing.run());
    } catch (const Not_placed& problem) {
        return fencing.signed_by_us(failed(problem.what(), true));
    } catch (const Error& problem) {
        return failed(problem.what());
    }
}

}  // namespace san::cluster
