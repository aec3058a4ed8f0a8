// SPDX-License-Identifier: GPL-2.0-or-later
// A talk with IET that has one deadline, and in which no module means: no targets.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/iet.hpp"
#include "kernel/iet_requests.hpp"

namespace san {

class Iet_conversation {
public:
    /// `subject`: "target iqn...", which begins what is logged and what is thrown.
    Iet_conversation(iet::Control& control, const Deadline& deadline, std::string subject)
        : control_{&control}, deadline_{deadline}, subject_{std::move(subject)} {}

    bool is_there() const { return control_->volumes(deadline_).has_value(); }
    std::vector<iet::Target> targets() const;
    std::optional<iet::Target> target(const std::string& name) const;
    /// As far as the module's list can be trusted.
    std::vector<iet::Connection> connections(std::uint32_t target) const;
    /// Those that it may hide as well, and some that are none.
    std::vector<iet::Connection> possible_connections() const;

    /// Logs what was done as `deed`.
    ///
    /// Errors  failed when there is no ietd
    iet::Answer attempt(const iet::Request& request, const std::string& deed) const;
    /// Change: none for one of these refusals: it was so already. Errors: failed for any other
    Change change(const iet::Request& request, const std::string& deed,
                  std::initializer_list<int> already = {}) const;
    /// Errors  failed for a refusal too
    std::string show(const iet::Request& question) const;
    iet::Account_answer ask(const iet::Account_request& request) const {
        return control_->ask(request, deadline_);
    }
    /// Returns when ietd has done what it was asked before, by whoever did not wait for it: it
    /// takes one request after the other (event_loop, usr/ietd.c). Not of a version that we do not
    /// speak.
    void settle() const;
    bool speaks_of_accounts() const { return control_->speaks_of_accounts(); }

    [[noreturn]] void fail(const std::string& deed, const iet::Answer& answer) const;
    /// Nothing announces what this waits for. Errors: failed at the deadline, with what that is
    void wait_for(const std::string& obstacle) const;

    const Deadline& deadline() const { return deadline_; }
    const std::string& subject() const { return subject_; }

private:
    iet::Control* control_;
    Deadline deadline_;
    std::string subject_;
};

}  // namespace san
