// SPDX-License-Identifier: GPL-2.0-or-later
// What only drbd-attr does: a listener that lives between actions, and its attributes.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

struct Attr_stage : Stage {
    std::string value(const std::string& name) {
        const auto found = node.attributes.values.find(name + "@alice");
        return found == node.attributes.values.end() ? "none" : found->second;
    }
    /// The process is gone, as after a kill.
    void kill() { node.residents.alive.clear(); }
};

}  // namespace

TEST_CASE("drbd-attr: scores come with the listener and go with it") {
    Attr_stage stage;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.value("drbd-promotion-score-r0") == "10101");
    CHECK(stage.value("drbd-promotion-score-r1") == "-1000000");
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.residents.started == 1);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.attributes.values.empty());
    CHECK(stage.node.residents.alive.empty());
    CHECK(stage.node.files.names("/run/resource-agents").empty());
}

TEST_CASE("drbd-attr: a listener that has died is a failure, stop clears it away") {
    Attr_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.kill();
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("the listener has died"));
    CHECK(stage.node.residents.started == 1);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.attributes.values.empty());

    REQUIRE(stage.act("start") == ocf::success);
    stage.kill();
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("drbd-attr: a cluster that does not take the attributes is a failure, with the reason") {
    Attr_stage stage;
    stage.node.attributes.answers = false;
    stage.act("start");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("does not answer"));
    // The cluster must not fence because of it.
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("drbd-attr: stop needs no parameter, and attributes of its prefix go") {
    Attr_stage stage;
    stage.parameters["attr_name_prefix"] = "mine";
    stage.parameters["record_event_details"] = "yes";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.value("mine-r0") == "10101");
    CHECK_THAT(stage.value("mine:event-details-r0"),
               ContainsSubstring(" role:Secondary disk:UpToDate"));
    CHECK(stage.value("mine:event-details-r1") == "none");
    stage.parameters["attr_name_prefix"] = "a b";
    stage.parameters["dampening_delay"] = "soon";
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.residents.alive.empty());
    CHECK(stage.node.attributes.values.empty());
}

TEST_CASE("drbd-attr: without the module it waits") {
    Attr_stage stage;
    stage.node.drbd.module_loaded = false;
    stage.node.drbd.future = {[&] { stage.node.drbd.module_loaded = true; }};
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.value("drbd-promotion-score-r0") == "10101");
}
