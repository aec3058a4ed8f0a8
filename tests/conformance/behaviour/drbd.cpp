// SPDX-License-Identifier: GPL-2.0-or-later
// What only the DRBD agent does: scores, notifications, the clone it has to be.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

struct Drbd_stage : Stage {
    std::optional<int> score() {
        const auto found = node.scores.published.find("p_test@alice");
        return found == node.scores.published.end() ? std::optional{-1} : found->second;
    }
    drbd::Resource& r0() { return node.drbd.resources.at("r0"); }
    int notify(const std::string& type, const std::string& operation) {
        meta["notify_type"] = type;
        meta["notify_operation"] = operation;
        return act("notify");
    }
    bool adjusted() const {
        return !node.commands.asked.empty() &&
               node.commands.asked.back() == "drbdadm -c /etc/drbd.conf adjust r0";
    }
};

}  // namespace

TEST_CASE("drbd: start loads the module once, and a probe never") {
    Drbd_stage stage;
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.node.commands.asked.empty());
    CHECK(stage.score() == -1);
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.node.commands.asked ==
          std::vector<std::string>{"drbdadm -c /etc/drbd.conf sh-dev r0", "modprobe drbd",
                                   "drbdadm -c /etc/drbd.conf adjust r0"});
}

TEST_CASE("drbd: the score follows the data, and goes with the resource") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.score() == 10000);
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::unknown;
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.score() == 1000);
    stage.r0().volumes[0].disk = drbd::Disk::outdated;
    CHECK(stage.monitor() == ocf::success);
    CHECK_FALSE(stage.score().has_value());
    stage.r0().volumes[0].disk = drbd::Disk::up_to_date;
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.score() == 10000);
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.score().has_value());
}

TEST_CASE("drbd: a peer that starts is met, and other changes are judged") {
    Drbd_stage stage;
    CHECK(stage.notify("pre", "start") == ocf::success);
    CHECK(stage.node.commands.asked.empty());
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.commands.asked.clear();
    CHECK(stage.notify("pre", "start") == ocf::success);
    CHECK(stage.adjusted());
    stage.node.commands.asked.clear();
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::unknown;
    CHECK(stage.notify("pre", "stop") == ocf::success);
    CHECK(stage.score() == 10000);
    CHECK(stage.notify("post", "stop") == ocf::success);
    CHECK(stage.score() == 1000);
    CHECK(stage.node.commands.asked.empty());
}

TEST_CASE("drbd: a clone that cannot work is refused by start, and stopped all the same") {
    for (const auto& [name, value] : test::Parameters{
             {"notify", "false"}, {"clone_node_max", "2"}, {"promoted_node_max", "2"}}) {
        Drbd_stage stage;
        stage.meta[name] = value;
        CHECK(stage.act("start") == ocf::err_configured);
        CHECK_THAT(stage.reason, ContainsSubstring(name + "=\"" + value + "\": expected"));
        CHECK(stage.act("stop") == ocf::success);
    }
    Drbd_stage stage;
    stage.meta["notify"] = "false";
    stage.parameters["ignore_missing_notifications"] = "true";
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("drbd: a start that was killed is seen, and stop clears it away") {
    Drbd_stage stage;
    stage.node.drbd.module_loaded = true;
    stage.node.drbd.resources["r0"] = {.name = "r0"};
    CHECK(stage.probe() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("no volume"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("drbd: stop takes a Primary down, also when the configuration is gone") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    REQUIRE(stage.act("promote") == ocf::success);
    std::filesystem::remove(stage.node.root.path() / "etc/drbd.conf");
    stage.node.commands.asked.clear();
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.node.commands.asked.empty());
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("drbd: what is in use makes demote and stop fail, with a reason") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    REQUIRE(stage.act("promote") == ocf::success);
    stage.node.drbd.held_open = true;
    stage.meta["timeout"] = "1000";
    for (const auto* action : {"demote", "stop"}) {
        CHECK(stage.act(action) == ocf::err_generic);
        CHECK_THAT(stage.reason, ContainsSubstring("ocf-exit-reason:"));
        CHECK(stage.monitor() == ocf::running_promoted);
    }
}
