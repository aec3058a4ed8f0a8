// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's handler unfence-peer, and after-resync-target of 8.4.
#include "cluster/fence_call.hpp"
#include "cluster/fence_nodes.hpp"

namespace san::cluster {

namespace {

class Unfencing : Fence_call {
public:
    Unfencing(const Fence_request& request, const Fence_scene& scene)
        : Fence_call{request, scene} {}
    Handled run();

private:
    std::vector<Allowed> caught_up(const Cib_document& cib, const std::string& own,
                                   const Constraint_names& names, const Replica_facts& now) const;
};

/// Those that may be promoted again: by the kernel's word of the moment when it called, unless it
/// says something else of a peer now; without that word the peers that it shows.
std::vector<Allowed> Unfencing::caught_up(const Cib_document& cib, const std::string& own,
                                          const Constraint_names& names,
                                          const Replica_facts& now) const {
    std::vector<Allowed> nodes;
    if (request_.nine) {
        auto request = request_;
        for (const auto& peer : now.peers)
            if (!peer.good) request.nine->up_to_date &= ~(std::uint64_t{1} << peer.node_id);
        nodes = fence_nodes(request, cib, own, names.clone).wanted.allowed;
    } else if (now.disks.up_to_date) {
        for (const auto& peer : now.peers) {
            if (!peer.good) continue;
            const auto node = cib.find_node(peer.host).value_or(peer.host);
            nodes.push_back(rule_name(cib, node, request_.options.attribute));
            nodes.back().id = names.allowed_id(peer.node_id);
        }
    }
    return nodes;
}

Handled Unfencing::run() {
    const auto done = [](std::string reason) {
        return Handled{.exit_code = 0, .reason = std::move(reason), .warn = false};
    };
    for (;;) {
        const auto cib = read();
        const auto clone = clone_in(cib);
        const Constraint_names names{
            .prefix = Constraint_names::complete(request_.options.prefix, request_.resource),
            .clone = clone};
        const auto found = cib.find_constraint(names.id());
        if (!found) return done("no constraint " + names.id() + " in place");
        const auto own = own_name(cib, scene_.cluster.find_self(allowed(one_answer)));
        const auto now = replica();
        if (request_.options.only_if_owner &&
            (!found->ours || !allows_node(cib, found->constraint, own)))
            return done("constraint " + names.id() + " is not ours: left alone");

        Edit edit;
        if (now.disks.up_to_date && now.disks.peers_up_to_date) {
            edit = {Edit::Verb::remove, at_constraint(cib, names.id())};
        } else {
            // Some peers have caught up, others have not.
            const auto edited = wider(found->constraint, caught_up(cib, own, names, now));
            if (!found->ours || edited.same(found->constraint)) {
                auto left = done("not all disks are UpToDate, my disk is " + now.disks.words +
                                 ": constraint " + names.id() + " left in place");
                // As upstream: 8.4's script calls this a failure, 9's does not.
                if (!now.nine) left.exit_code = fence_exit::failed;
                return left;
            }
            edit = {Edit::Verb::replace, at_constraint(cib, names.id()), edited.to_xml()};
        }
        const bool made = change(edit);
        if (made && edit.verb == Edit::Verb::replace)
            return done("constraint " + names.id() + " extended: not all disks are UpToDate yet");
        // A removal does not say whether there was something to remove.
        if (made && !read().find_constraint(names.id()))
            return done("constraint " + names.id() + " removed");
        if (is_over(request_.options.longest()))
            return failed("the CIB changes all the time: constraint not removed");
    }
}

}  // namespace

Handled unfence(const Fence_request& request, const Fence_scene& scene) {
    try {
        return Unfencing{request, scene}.run();
    } catch (const Error& problem) {
        return failed(problem.what());
    }
}

}  // namespace san::cluster
