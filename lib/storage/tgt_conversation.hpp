// SPDX-License-Identifier: GPL-2.0-or-later
// A talk with tgtd that has one deadline, and in which no daemon means: no targets.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/tgt.hpp"
#include "kernel/tgt_listing.hpp"
#include "kernel/tgt_requests.hpp"

namespace san {

class Tgt_conversation {
public:
    /// `subject`: "target iqn...", which begins what is logged and what is thrown.
    Tgt_conversation(tgt::Daemon& daemon, const Deadline& deadline, std::string subject)
        : daemon_{&daemon}, deadline_{deadline}, subject_{std::move(subject)} {}

    /// Nothing when there is no daemon. Errors: failed for a refusal too
    std::optional<std::string> find(const tgt::Request& question) const;
    std::vector<tgt::Target> targets() const;
    std::optional<tgt::Target> target(const std::string& name) const;

    /// The refusal's number, or 0; logs what was done as `deed`.
    ///
    /// Errors  failed when there is no daemon
    std::uint32_t attempt(const tgt::Request& request, const std::string& deed) const;
    /// Change: none for one of these refusals: it was so already. Errors: failed for any other
    Change change(const tgt::Request& request, const std::string& deed,
                  std::initializer_list<std::uint32_t> already = {}) const;

    const Deadline& deadline() const { return deadline_; }
    const std::string& subject() const { return subject_; }

private:
    tgt::Daemon* daemon_;
    Deadline deadline_;
    std::string subject_;
};

}  // namespace san
