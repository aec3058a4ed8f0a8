// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/score_listener.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;
using drbd::Disk;

namespace {

struct Stage {
    Stage() {
        node.drbd.module_loaded = true;
        disk("r0") = Disk::up_to_date;
        configured("r0");
    }
    Disk& disk(const std::string& name) {
        auto& resource = node.drbd.resources[name];
        resource.name = name;
        if (resource.volumes.empty()) resource.volumes.push_back({});
        return resource.volumes[0].disk;
    }
    void configured(const std::string& names) {
        node.commands.on({"drbdadm", "sh-resources"}).prints(names + "\n");
    }
    /// The attributes set since the last question, in order.
    std::vector<Node_attribute> told() { return std::exchange(node.attributes.asked, {}); }
    /// What happens next, one step after another, and what the listener makes of it.
    void run(std::vector<std::function<void()>> future) {
        node.drbd.future = std::move(future);
        CHECK_THROWS_AS(listener.run(), test::Nothing_happens);
    }
    std::string value(const std::string& resource) const {
        const auto found = node.attributes.values.find("score-" + resource + "@alice");
        return found == node.attributes.values.end() ? "none" : found->second;
    }
    std::set<std::string> noted() const {
        const auto names =
            text::words(node.files.find("/run/resource-agents/it.attributes").value_or(""));
        return {names.begin(), names.end()};
    }

    test::Node node;
    Score_listener listener{
        node.system, {.state = "/run/resource-agents/it", .prefix = "score", .dampening = 5s}};
};

Node_attribute score(const std::string& resource, std::optional<std::string> value,
                     std::optional<std::chrono::seconds> dampening) {
    return {.node = "alice",
            .name = "score-" + resource,
            .value = std::move(value),
            .dampening = dampening};
}

}  // namespace

TEST_CASE("listener: tells what it finds, then only what changes") {
    Stage stage;
    stage.listener.look(true);
    CHECK(stage.told() == std::vector{score("r0", "10101", 5s)});
    stage.listener.look(false);
    CHECK(stage.told().empty());
    // At once: somebody may be about to start something here.
    stage.disk("r0") = Disk::failed;
    stage.listener.look(false);
    CHECK(stage.told() == std::vector{score("r0", "-1000000", 0s)});
    stage.disk("r0") = Disk::up_to_date;
    stage.listener.look(false);
    CHECK(stage.told() == std::vector{score("r0", "10101", 5s)});
}

TEST_CASE("listener: what is told again has no dampening, which would be written for all nodes") {
    Stage stage;
    stage.listener.look(true);
    stage.told();
    stage.listener.look(true);
    CHECK(stage.told() == std::vector{score("r0", "10101", std::nullopt)});
}

TEST_CASE("listener: configured and not up is minus infinity, neither is nothing") {
    Stage stage;
    stage.configured("r0 r1");
    stage.listener.look(true);
    CHECK(stage.value("r1") == "-1000000");
    stage.node.drbd.resources.erase("r0");
    stage.listener.look(false);
    CHECK(stage.value("r0") == "-1000000");
    stage.disk("r1") = Disk::up_to_date;
    stage.configured("r1");
    stage.listener.look(false);
    CHECK(stage.value("r0") == "none");
    CHECK(stage.value("r1") == "10101");
    CHECK(stage.noted() == std::set<std::string>{"score-r1"});
}

TEST_CASE("listener: the configuration is asked for when resources come and go, and only then") {
    Stage stage;
    stage.listener.look(true);
    stage.disk("r0") = Disk::outdated;
    stage.listener.look(true);
    CHECK(stage.node.commands.asked == std::vector<std::string>{"drbdadm sh-resources"});
    stage.disk("r1") = Disk::up_to_date;
    stage.listener.look(false);
    CHECK(stage.node.commands.asked.size() == 2);
}

TEST_CASE("listener: a configuration that cannot be read does not hide what is up") {
    Stage stage;
    stage.node.commands.on({"drbdadm"}).exits(10).complains("r9.res:1: syntax error");
    stage.listener.look(true);
    CHECK(stage.value("r0") == "10101");
    stage.node.commands.uninstall("drbdadm");
    stage.disk("r1") = Disk::up_to_date;
    stage.listener.look(false);
    CHECK(stage.value("r1") == "10101");
}

TEST_CASE("listener: every event leads to a look, and silence to telling everything again") {
    Stage stage;
    stage.run({[&] { stage.disk("r0") = Disk::failed; },
               [&] { stage.disk("r0") = Disk::up_to_date; }, nullptr});
    CHECK(stage.told() == std::vector{score("r0", "10101", 5s), score("r0", "-1000000", 0s),
                                      score("r0", "10101", 5s), score("r0", "10101", {})});
}

TEST_CASE("listener: without the module it waits for it") {
    Stage stage;
    stage.node.drbd.module_loaded = false;
    stage.run({[&] { CHECK(stage.value("r0") == "-1000000"); },
               [&] { stage.node.drbd.module_loaded = true; }});
    CHECK(stage.value("r0") == "10101");
}

TEST_CASE("listener: what the cluster did not take is told until it does") {
    Stage stage;
    stage.node.attributes.answers = false;
    stage.run({[&] {
                   CHECK_THAT(stage.listener.find_trouble().value_or(""),
                              ContainsSubstring("does not answer"));
               },
               [&] { stage.node.attributes.answers = true; }});
    CHECK(stage.value("r0") == "10101");
    CHECK_FALSE(stage.listener.find_trouble().has_value());
}

TEST_CASE("listener: a kernel that does not answer is trouble, and is asked again") {
    Stage stage;
    stage.node.drbd.failure = "DRBD's module does not answer";
    stage.run({[&] {
        CHECK(stage.listener.find_trouble() == "DRBD's module does not answer");
        stage.node.drbd.failure.clear();
    }});
    CHECK(stage.value("r0") == "10101");
    CHECK_FALSE(stage.listener.find_trouble().has_value());
}

TEST_CASE("listener: a new one removes what a former one left") {
    Stage stage;
    stage.listener.start(Deadline::in(1s));
    CHECK(stage.listener.is_alive());
    stage.node.attributes.answers = false;
    stage.listener.stop(Deadline::in(1s));
    CHECK_FALSE(stage.listener.is_started());
    CHECK(stage.value("r0") == "10101");
    stage.node.attributes.answers = true;
    stage.node.drbd.resources.clear();
    stage.configured("");
    stage.listener.start(Deadline::in(1s));
    CHECK(stage.value("r0") == "none");
    stage.listener.stop(Deadline::in(1s));
    CHECK(stage.node.files.names("/run/resource-agents").empty());
}

TEST_CASE("listener: what is removed is removed at once") {
    Stage stage;
    stage.listener.start(Deadline::in(1s));
    stage.told();
    stage.listener.stop(Deadline::in(1s));
    CHECK(stage.told() == std::vector{score("r0", {}, 0s)});
}
