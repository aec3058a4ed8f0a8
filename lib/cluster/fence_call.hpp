// SPDX-License-Identifier: GPL-2.0-or-later
// What one call of a fence or unfence handler needs all along: its time, the CIB, the disks.
#pragma once

#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "cluster/cib_document.hpp"
#include "cluster/fencing.hpp"

namespace san::cluster {

// One question to a controller; a node that is alive answers within milliseconds.
inline constexpr Span one_answer = std::chrono::seconds{3};
// A write that was begun may need an election to end before it is done.
inline constexpr std::chrono::seconds one_write{5};

/// The cluster would not take the constraint.
class Not_placed : public Error {
public:
    explicit Not_placed(const Error& why) : Error{why} {}
};

class Fence_call {
protected:
    Fence_call(const Fence_request& request, const Fence_scene& scene)
        : request_{request}, scene_{scene} {}

    Span left(std::chrono::seconds limit) const {
        return std::max<Span>(limit - scene_.elapsed(), Span{0});
    }
    bool is_over(std::chrono::seconds limit) const { return left(limit) == Span{0}; }
    /// For one call: even when time is up it is asked once.
    Span allowed(Span most, std::chrono::seconds limit) const {
        return std::clamp<Span>(left(limit), std::chrono::seconds{1}, most);
    }
    Span allowed(Span most) const { return allowed(most, request_.options.longest()); }
    void wait(std::chrono::seconds limit);

    /// Tries until --dc-timeout. Errors: failed
    Cib_document read();
    /// Errors  misconfigured when the cluster has none
    std::string clone_in(const Cib_document& cib) const;
    std::string own_name(const Cib_document& cib, const std::optional<Self>& self) const;
    Replica_facts replica() const {
        return observe_replica(request_.resource, request_.minors, scene_.files, scene_.kernel);
    }
    /// False when the CIB has changed meanwhile, or has not answered for the first time: what was
    /// written can be there all the same, which the next look shows. Errors: Not_placed
    bool change(const Edit& edit);

    const Fence_request& request_;
    const Fence_scene& scene_;

private:
    bool refused_ = false;  ///< a write has failed
};

// Where edits go, in this version of the CIB only.
std::string at_constraints(const Cib_document& cib);
std::string at_constraint(const Cib_document& cib, const std::string& id);

Handled failed(std::string reason, bool lost = false);

}  // namespace san::cluster
