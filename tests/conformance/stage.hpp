// SPDX-License-Identifier: GPL-2.0-or-later
// The agent under test on a node of fakes.
#pragma once

#include <functional>

#include "conformance/subject.hpp"
#include "ocf/run.hpp"

namespace san::test {

/// One agent on one node, whose actions run one after another as the cluster runs them.
class Stage {
public:
    Stage() {
        subject_->prepare(node);
        parameters = subject_->good();
    }

    int act(const std::string& action, int interval_ms = 0) {
        ocf::Environment::Variables variables{{"OCF_RESOURCE_INSTANCE", instance},
                                              {"OCF_RESKEY_CRM_meta_on_node", "alice"},
                                              {"OCF_RESKEY_CRM_meta_notify", "true"},
                                              {"OCF_RESKEY_CRM_meta_timeout", "20000"}};
        variables["OCF_RESKEY_CRM_meta_interval"] = std::to_string(interval_ms);
        for (const auto& [name, value] : meta) variables["OCF_RESKEY_CRM_meta_" + name] = value;
        for (const auto& [name, value] : parameters) variables["OCF_RESKEY_" + name] = value;
        for (const auto& [name, value] : environment) variables[name] = value;
        const auto agent = ocf::this_agent();
        const auto outcome =
            ocf::run(*agent, {action}, ocf::Environment{std::move(variables)}, system);
        reason = outcome.err;
        return outcome.code;
    }
    int monitor() { return act("monitor", 10000); }
    int probe() { return act("monitor"); }

    const Subject& subject() const { return *subject_; }

    Node node;
    /// The node that the agent gets; a test may put another one in its place.
    std::function<System&()> system = [this]() -> System& { return node.system; };
    std::string instance = "p_test";
    Parameters parameters;
    Parameters meta{};         ///< meta attributes beside the usual ones
    Parameters environment{};  ///< variables beside those of parameters
    std::string reason;        ///< what the last action wrote to stderr

private:
    std::unique_ptr<Subject> subject_ = test::subject();
};

}  // namespace san::test
