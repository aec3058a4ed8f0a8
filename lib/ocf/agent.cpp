// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/agent.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/node_attributes.hpp"
#include "ocf/told_score.hpp"

namespace san::ocf {

bool Agent::has_action(const std::string& name) const {
    return std::any_of(description_.actions.begin(), description_.actions.end(),
                       [&](const Action& action) { return action.name == name; });
}

void Agent::load(Environment environment) {
    environment_ = std::move(environment);
    deadline_ = Deadline::in(environment_.time_allowed());
    for (auto* parameter : parameters_) parameter->load(environment_);
}

void Agent::check_parameters() const {
    std::optional<Error> first;
    for (const auto* parameter : parameters_) {
        try {
            parameter->check();
        } catch (const Error& problem) {
            if (first)
                first->also(problem.what());
            else
                first = problem;
        }
    }
    if (first) throw *first;
}

std::vector<std::string> Agent::unknown_parameters() const {
    std::vector<std::string> unknown;
    for (const auto& name : environment_.parameter_names())
        if (std::none_of(parameters_.begin(), parameters_.end(), [&](const auto* parameter) {
                return parameter->declaration().name == name;
            }))
            unknown.push_back(name);
    return unknown;
}

void Agent::publish_score(System& node, std::optional<int> score) const {
    try {
        node.attributes.set(promotion_score(instance(), node.name, score), deadline());
        Told_score{environment(), node.files}.note(score);
    } catch (const Error& failure) {
        log::warning("promotion score: ", failure.what());
    }
}

void Agent::confirm_score(System& node, std::optional<int> score) const {
    if (!Told_score{environment(), node.files}.is(score)) publish_score(node, score);
}

}  // namespace san::ocf
