// SPDX-License-Identifier: GPL-2.0-or-later
// What a resource agent is: a description, parameters that register themselves, and verbs.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "ocf/environment.hpp"
#include "ocf/parameter.hpp"
#include "ocf/state.hpp"

namespace san::ocf {

struct Action {
    std::string name;
    std::chrono::seconds timeout;
    std::chrono::seconds interval{0};  ///< of a recurring action
    std::string role{};                ///< "Promoted", "Unpromoted" or empty
    int depth = 0;                     ///< of a monitor: the OCF_CHECK_LEVEL that asks for it
};

struct Description {
    std::string name;  ///< as installed
    const char* brief;
    const char* text;
    std::vector<Action> actions;  ///< without meta-data and validate-all, which all agents have
    const char* example = "";     ///< crm configure lines for the manual page
};

class Agent {
public:
    explicit Agent(Description description) : description_{std::move(description)} {}
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;
    virtual ~Agent() = default;

    // The verbs. Each may assume nothing about what ran before it, or how far.

    /// Returns when the resource is usable. ocf::run checks with monitor afterwards.
    virtual Change start(System& node) = 0;
    /// Returns when the resource is gone. Parameters may be bad: use what is needed to find it.
    virtual Change stop(System& node) = 0;
    /// What is there. Throws when it is there and broken.
    virtual State monitor(System& node) = 0;
    /// Rules that span parameters, and what can be looked up on this node without changing it.
    virtual void check(System& node) const { static_cast<void>(node); }

    /// Takes over changed parameters that are declared reloadable, of a resource that runs and goes
    /// on running meanwhile. For agents with the action reload-agent.
    virtual Change reload(System&) { return Change::none; }
    virtual Change promote(System&) { return Change::none; }
    virtual Change demote(System&) { return Change::none; }
    /// The cluster ignores the result.
    virtual void notify(System&) {}

    const Description& description() const { return description_; }
    const std::vector<Parameter_base*>& parameters() const { return parameters_; }
    bool has_action(const std::string& name) const;

    /// Takes parameters, deadline and the rest from the environment.
    void load(Environment environment);
    /// Every parameter's own rule; all problems in one Error, of the first one's kind.
    void check_parameters() const;
    /// Names passed that no parameter has.
    std::vector<std::string> unknown_parameters() const;

    void adopt(Parameter_base& parameter) { parameters_.push_back(&parameter); }

protected:
    const Environment& environment() const { return environment_; }
    std::string instance() const { return environment_.instance(); }
    bool is_probe() const { return environment_.is_probe(); }
    /// How closely monitor is to look: 0, or the depth of an action.
    int check_level() const { return environment_.check_level(); }
    const Deadline& deadline() const { return deadline_; }
    /// Sets this node's score for promoting the resource, or removes it. One that the cluster
    /// cannot be told is a warning: it must not make a healthy resource fail.
    void publish_score(System& node, std::optional<int> score) const;
    /// As publish_score, but not when the cluster was told the same within a minute. To tell it
    /// costs many times what a monitor does. For all but start, before which it may have forgotten.
    void confirm_score(System& node, std::optional<int> score) const;

private:
    Description description_;
    std::vector<Parameter_base*> parameters_;
    Environment environment_{{}};
    Deadline deadline_ = Deadline::in(std::chrono::seconds{0});
};

/// Each agent's source file defines this, and exports nothing else.
std::unique_ptr<Agent> this_agent();

}  // namespace san::ocf
