// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/run.hpp"

#include "base/bounded.hpp"
#include "base/log.hpp"
#include "ocf/exit_code.hpp"
#include "ocf/hung_action.hpp"
#include "ocf/manual.hpp"
#include "ocf/metadata.hpp"

namespace san::ocf {

namespace {

const char* words(State state) {
    switch (state) {
        case State::stopped:
            return "stopped";
        case State::running:
            return "running";
        case State::promoted:
            return "promoted";
        case State::degraded:
            return "running, degraded";
        case State::degraded_promoted:
            return "promoted, degraded";
    }
    return "?";
}

/// Pacemaker keeps the last such line of stderr, cut to 128 bytes, as the reason crm_mon shows.
std::string reason_line(const Environment& environment, const std::string& reason) {
    return environment.find("OCF_EXIT_REASON_PREFIX").value_or("ocf-exit-reason:") + reason + "\n";
}

Exit_code start(Agent& agent, System& node) {
    agent.check_parameters();
    agent.check(node);
    const auto change = agent.start(node);
    const auto state = agent.monitor(node);
    if (state == State::stopped)
        throw Error{Kind::failed, "started, but monitor finds nothing running"};
    if (change == Change::made) log::info("started");
    return success;
}

Exit_code stop(Agent& agent, System& node) {
    try {
        if (agent.stop(node) == Change::made) log::info("stopped");
    } catch (const Error& problem) {
        // Start refuses such parameters, so there is nothing that they could have started.
        if (problem.kind() != Kind::misconfigured) throw;
        log::warning("nothing to stop: ", problem.what());
    }
    return success;
}

Exit_code reload(Agent& agent, System& node) {
    agent.check_parameters();
    agent.check(node);
    if (agent.reload(node) == Change::made) log::info("reloaded");
    // In whichever role: only a monitor tells it by its code.
    return agent.monitor(node) == State::stopped ? not_running : success;
}

Exit_code monitor(Agent& agent, System& node) {
    agent.check_parameters();
    return exit_code(agent.monitor(node));
}

Exit_code dispatch(Agent& agent, const std::string& action, System& node, std::string& out) {
    if (action == "start") return start(agent, node);
    if (action == "stop") return stop(agent, node);
    if (action == "monitor") return monitor(agent, node);
    if (action == "reload-agent") return reload(agent, node);
    if (action == "status") {
        const auto state = agent.monitor(node);
        out = std::string{words(state)} + "\n";
        return state == State::stopped ? not_running : success;
    }
    if (action == "validate-all") {
        agent.check_parameters();
        for (const auto& name : agent.unknown_parameters())
            log::warning("parameter ", name, " is unknown and has no effect");
        agent.check(node);
        return success;
    }
    if (action == "notify") {
        agent.notify(node);
        return success;
    }
    agent.check_parameters();
    const auto change = action == "promote" ? agent.promote(node) : agent.demote(node);
    if (change == Change::made) log::info(action, "d");
    return success;
}

/// Whether the action changes something, and has to come after an earlier one that still does.
bool changes(const std::string& action) {
    return action == "start" || action == "stop" || action == "promote" || action == "demote" ||
           action == "reload-agent";
}

void mind(const Hung_action& hung, const std::string& action, const Environment& environment) {
    if (changes(action))
        hung.wait(Deadline::in(environment.time_allowed()));
    else if (action == "monitor" || action == "status")
        if (const auto step = hung.find())
            throw Error{Kind::failed, "an earlier action still waits for " + *step};
}

bool needs_no_node(const std::string& action) {
    return action == "meta-data" || action == "manual" || action == "usage" || action == "help" ||
           action == "--help" || action == "-h";
}

std::string text_for(const std::string& action, const Agent& agent) {
    if (action == "meta-data") return metadata(agent);
    return action == "manual" ? manual_page(agent) : help(agent);
}

}  // namespace

Outcome run(Agent& agent, const std::vector<std::string>& arguments, Environment environment,
            const std::function<System&()>& system) {
    const auto action = arguments.empty() ? std::string{} : arguments.front();
    if (action.empty()) return {.code = err_args, .err = help(agent)};
    if (action != "validate-all" && action != "status" && !needs_no_node(action) &&
        !agent.has_action(action))
        return {.code = err_unimplemented,
                .err = reason_line(environment, "action \"" + action + "\": expected one of " +
                                                    action_names(agent))};
    const bool quiet = action == "monitor" && environment.is_probe();
    Outcome outcome;
    try {
        if (needs_no_node(action)) {
            outcome.out = text_for(action, agent);
            return outcome;
        }
        agent.load(environment);
        auto& node = system();
        const Hung_action hung{environment, node.files};
        mind(hung, action, environment);
        try {
            outcome.code = dispatch(agent, action, node, outcome.out);
        } catch (const Abandoned& failure) {
            // A monitor's child locks nothing.
            if (changes(action)) hung.note(failure);
            throw;
        }
    } catch (const Error& failure) {
        if (!quiet || exit_code(failure.kind()) == err_generic)
            log::error(action, ": ", failure.what());
        outcome.err = reason_line(environment, failure.what());
        outcome.code = exit_code(failure.kind());
    } catch (const std::exception& failure) {
        log::error(action, ": ", failure.what());
        outcome.err = reason_line(environment, failure.what());
        outcome.code = err_generic;
    }
    return outcome;
}

}  // namespace san::ocf
