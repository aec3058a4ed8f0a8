// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/run.hpp"

#include <ostream>

#include "base/log.hpp"
#include "ocf/exit_code.hpp"
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
    }
    return "?";
}

/// Pacemaker keeps the last such line of stderr, cut to 128 bytes, as the reason crm_mon shows.
void give_reason(const Environment& environment, const std::string& reason, std::ostream& err) {
    err << environment.find("OCF_EXIT_REASON_PREFIX").value_or("ocf-exit-reason:") << reason
        << std::endl;
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

Exit_code monitor(Agent& agent, System& node) {
    agent.check_parameters();
    return exit_code(agent.monitor(node));
}

Exit_code dispatch(Agent& agent, const std::string& action, System& node, std::ostream& out) {
    if (action == "start") return start(agent, node);
    if (action == "stop") return stop(agent, node);
    if (action == "monitor") return monitor(agent, node);
    if (action == "status") {
        const auto state = agent.monitor(node);
        out << words(state) << '\n';
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

bool needs_no_node(const std::string& action) {
    return action == "meta-data" || action == "manual" || action == "usage" || action == "help" ||
           action == "--help" || action == "-h";
}

}  // namespace

int run(Agent& agent, const std::vector<std::string>& arguments, Environment environment,
        const std::function<System&()>& system, std::ostream& out, std::ostream& err) {
    const auto action = arguments.empty() ? std::string{} : arguments.front();
    if (needs_no_node(action)) {
        out << (action == "meta-data" ? metadata(agent)
                : action == "manual"  ? manual_page(agent)
                                      : help(agent));
        return success;
    }
    if (action.empty()) {
        err << help(agent);
        return err_args;
    }
    if (action != "validate-all" && action != "status" && !agent.has_action(action)) {
        give_reason(environment,
                    "action \"" + action + "\": expected one of " + action_names(agent), err);
        return err_unimplemented;
    }
    const bool quiet = action == "monitor" && environment.is_probe();
    try {
        agent.load(environment);
        return dispatch(agent, action, system(), out);
    } catch (const Error& failure) {
        if (!quiet || exit_code(failure.kind()) == err_generic)
            log::error(action, ": ", failure.what());
        give_reason(environment, failure.what(), err);
        return exit_code(failure.kind());
    } catch (const std::exception& failure) {
        log::error(action, ": ", failure.what());
        give_reason(environment, failure.what(), err);
        return err_generic;
    }
}

}  // namespace san::ocf
