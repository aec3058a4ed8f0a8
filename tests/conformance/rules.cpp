// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of OCF 1.1, run over an agent on the fake node. An agent is covered by being there.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

bool promotable() { return ocf::this_agent()->has_action("promote"); }

}  // namespace

TEST_CASE("start, stop and monitor, each twice") {
    Stage stage;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.monitor() == ocf::not_running);
    for (int round = 0; round < 2; ++round) {
        INFO("round " << round << ": " << stage.reason);
        CHECK(stage.act("start") == ocf::success);
        CHECK(stage.monitor() == ocf::success);
        CHECK(stage.act("start") == ocf::success);
        CHECK(stage.monitor() == ocf::success);
        CHECK(stage.probe() == ocf::success);
        CHECK(stage.act("stop") == ocf::success);
        CHECK(stage.monitor() == ocf::not_running);
        CHECK(stage.act("stop") == ocf::success);
        CHECK(stage.probe() == ocf::not_running);
    }
}

TEST_CASE("stop of what was never started") {
    Stage stage;
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("promote and demote, each twice, for those that have them") {
    if (!promotable()) {
        Stage stage;
        CHECK(stage.act("promote") == ocf::err_unimplemented);
        CHECK(stage.act("demote") == ocf::err_unimplemented);
        return;
    }
    Stage stage;
    stage.meta = stage.subject().promotable();
    stage.parameters.merge(stage.subject().of_clone());
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.act("demote") == ocf::success);
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.probe() == ocf::running_promoted);
    CHECK(stage.act("demote") == ocf::success);
    CHECK(stage.act("demote") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.monitor() == ocf::not_running);
}

TEST_CASE("reload-agent: of what runs, for those that declare what may change") {
    const auto agent = ocf::this_agent();
    const bool declares =
        std::any_of(agent->parameters().begin(), agent->parameters().end(),
                    [](const auto* parameter) { return parameter->declaration().reloadable; });
    CHECK(agent->has_action("reload-agent") == declares);
    Stage stage;
    if (!declares) {
        CHECK(stage.act("reload-agent") == ocf::err_unimplemented);
        return;
    }
    CHECK(stage.act("reload-agent") == ocf::err_generic);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    const auto good = stage.parameters;
    for (const auto& bad : stage.subject().refused()) {
        stage.parameters = good;
        stage.parameters[bad.parameter] = bad.value;
        INFO(bad.parameter << "=" << bad.value);
        CHECK(stage.act("reload-agent") == bad.code);
        stage.parameters = good;
        CHECK(stage.monitor() == ocf::success);
    }
}

TEST_CASE("unknown actions") {
    Stage stage;
    CHECK(stage.act("migrate_to") == ocf::err_unimplemented);
    CHECK(stage.act("nonsense") == ocf::err_unimplemented);
}

TEST_CASE("a required parameter that is missing") {
    const auto agent = ocf::this_agent();
    for (const auto* parameter : agent->parameters()) {
        const auto& name = parameter->declaration().name;
        if (!parameter->declaration().required) continue;
        Stage stage;
        stage.parameters.erase(name);
        INFO(name);
        for (const auto* action : {"start", "validate-all", "monitor"}) {
            CHECK(stage.act(action) == ocf::err_configured);
            CHECK_THAT(stage.reason, ContainsSubstring("ocf-exit-reason:" + name + "=\"\""));
        }
        CHECK(stage.act("stop") == ocf::success);
        stage.parameters[name] = "";
        CHECK(stage.act("start") == ocf::err_configured);
        CHECK(stage.act("stop") == ocf::success);
    }
}

TEST_CASE("a bad value is refused before anything is changed") {
    Stage never;
    for (const auto& refused : never.subject().refused()) {
        Stage stage;
        stage.parameters[refused.parameter] = refused.value;
        INFO(refused.parameter << "=" << refused.value);
        const auto before = stage.node.configfs.everything();
        for (const auto* action : {"validate-all", "start"}) {
            CHECK(stage.act(action) == refused.code);
            CHECK_THAT(stage.reason,
                       ContainsSubstring(refused.parameter + "=" + text::quoted(refused.value)));
            CHECK_THAT(stage.reason, ContainsSubstring("expected"));
            CHECK_THAT(stage.reason, ContainsSubstring(refused.expectation));
        }
        CHECK(stage.node.configfs.everything() == before);
        CHECK(stage.act("stop") == ocf::success);
        stage.parameters = stage.subject().good();
        CHECK(stage.probe() == ocf::not_running);
    }
}

TEST_CASE("a parameter nobody knows has no effect") {
    Stage stage;
    stage.parameters["no_such_parameter"] = "x";
    CHECK(stage.act("validate-all") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("monitor runs no program") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.commands.asked.clear();
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.probe() == ocf::success);
    CHECK(stage.node.commands.asked.empty());
}

TEST_CASE("a missing tool: start says so, probe finds nothing, stop succeeds") {
    Stage never;
    for (const auto& tool : never.subject().tools()) {
        Stage stage;
        stage.node.commands.uninstall(tool);
        INFO(tool);
        CHECK(stage.act("start") == ocf::err_installed);
        CHECK_THAT(stage.reason, ContainsSubstring(tool));
        CHECK(stage.probe() == ocf::not_running);
        CHECK(stage.act("stop") == ocf::success);
    }
}

TEST_CASE("a tool that vanishes does not make stop fail") {
    Stage never;
    for (const auto& tool : never.subject().tools()) {
        Stage stage;
        REQUIRE(stage.act("start") == ocf::success);
        stage.node.commands.uninstall(tool);
        INFO(tool << ": " << stage.reason);
        CHECK(stage.act("stop") == ocf::success);
        CHECK(stage.monitor() == ocf::not_running);
    }
}

TEST_CASE("what the metadata advertises") {
    const auto agent = ocf::this_agent();
    std::set<std::pair<std::string, long>> operations;
    for (const auto& action : agent->description().actions) {
        // The cluster tells operations apart by name and interval only.
        CHECK(operations.emplace(action.name, action.interval.count()).second);
        CHECK(action.timeout.count() > 0);
    }
    for (const auto* needed : {"start", "stop", "monitor"}) CHECK(agent->has_action(needed));
    CHECK(agent->has_action("promote") == agent->has_action("demote"));

    std::set<std::string> names;
    for (const auto* parameter : agent->parameters()) {
        const auto& declaration = parameter->declaration();
        INFO(declaration.name);
        CHECK(names.insert(declaration.name).second);
        CHECK_FALSE(std::string_view{declaration.brief}.empty());
        CHECK_FALSE(std::string_view{declaration.text}.empty());
        CHECK(std::string_view{declaration.brief}.find('\n') == std::string::npos);
    }
}
