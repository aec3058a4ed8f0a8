// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_call.hpp"

#include "base/log.hpp"

namespace san::cluster {

using namespace std::chrono_literals;

// The CIB tells when a node's state changes, but nobody tells when a controller that was silent
// answers again, or when the kernel has the peer back.
constexpr Span between_looks = 2s;

void Fence_call::wait(std::chrono::seconds limit) {
    scene_.cluster.wait(std::clamp<Span>(left(limit), 1ms, between_looks));
}

Cib_document Fence_call::read() {
    for (;;) {
        try {
            return Cib_document{scene_.cluster.query(allowed(one_answer))};
        } catch (const Error& problem) {
            if (is_over(request_.options.leader_timeout)) throw;
            log::warning(problem.what(), "; trying again");
            wait(request_.options.leader_timeout);
        }
    }
}

std::string Fence_call::clone_in(const Cib_document& cib) const {
    const auto clone =
        request_.options.clone ? request_.options.clone : cib.find_clone(request_.resource);
    if (!clone)
        throw Error{Kind::misconfigured, "the cluster has no clone with drbd_resource=\"" +
                                             request_.resource +
                                             "\": expected one, or its id after --master-id"};
    return *clone;
}

std::string Fence_call::own_name(const Cib_document& cib, const std::optional<Self>& self) const {
    if (self && !self->name.empty()) return self->name;
    return cib.find_node(scene_.host).value_or(scene_.host);
}

bool Fence_call::change(const Edit& edit) try {
    if (scene_.cluster.change(edit, one_write)) return true;
    log::info("the CIB has changed meanwhile: reading it again");
    return false;
} catch (const Error& problem) {
    if (refused_) throw Not_placed{problem};
    refused_ = true;
    log::warning(problem.what(), "; looking again");
    return false;
}

std::string at_constraints(const Cib_document& cib) {
    return cib.this_version() + "/configuration/constraints";
}

std::string at_constraint(const Cib_document& cib, const std::string& id) {
    return at_constraints(cib) + "/rsc_location[@id='" + id + "']";
}

Handled failed(std::string reason, bool lost) {
    return {
        .exit_code = fence_exit::failed, .reason = std::move(reason), .warn = true, .lost = lost};
}

}  // namespace san::cluster
