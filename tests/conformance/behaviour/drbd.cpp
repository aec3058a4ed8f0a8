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
        const auto found = node.attributes.scores.find("p_test@alice");
        return found == node.attributes.scores.end() ? std::optional{-1} : found->second;
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
          std::vector<std::string>{"modinfo -F version drbd", "drbdadm -c /etc/drbd.conf sh-dev r0",
                                   "drbdadm -c /etc/drbd.conf sh-dev r0",
                                   "drbdadm -c /etc/drbd.conf sh-mod-parms", "modprobe drbd",
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
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK(stage.score() == 10000);
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.score().has_value());
}

TEST_CASE("drbd: a monitor does not tell the cluster again what it knows") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    auto& published = stage.node.attributes.scores;
    published.clear();
    CHECK(stage.monitor() == ocf::success);
    CHECK(published.empty());
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::unknown;
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.score() == 1000);
    published.clear();
    // Of another executor, which may be one that has just been restarted; and too old.
    const std::string note = "/run/resource-agents/san-score-p_test";
    const auto words = text::words(stage.node.files.find(note).value());
    REQUIRE(words.size() == 3);
    for (const auto& other : {"1 " + words[1] + " 1000", words[0] + " 0 1000", std::string{"?"}}) {
        stage.node.files.replace(note, other);
        published.clear();
        CHECK(stage.monitor() == ocf::success);
        CHECK(stage.score() == 1000);
    }
    published.clear();
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(stage.score().has_value());
}

TEST_CASE(
    "drbd: a move tells the cluster what has changed and nothing else, but a start tells all") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    auto& published = stage.node.attributes.scores;
    published.clear();
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.notify("post", "promote") == ocf::success);
    CHECK(stage.act("demote") == ocf::success);
    CHECK(stage.notify("post", "demote") == ocf::success);
    CHECK(published.empty());
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::unknown;
    CHECK(stage.notify("post", "demote") == ocf::success);
    CHECK(stage.score() == 1000);
    // Promoted, it has fenced the peer and is worth more; which can wait.
    CHECK(stage.act("promote") == ocf::success);
    CHECK(stage.notify("post", "promote") == ocf::success);
    CHECK(stage.score() == 1000);
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK(stage.score() == 10000);
    published.clear();
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.score() == 1000);
}

TEST_CASE("drbd: a score that the cluster could not be told counts as not told") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::unknown;
    stage.node.attributes.answers = false;
    CHECK(stage.notify("post", "stop") == ocf::success);
    CHECK(stage.score() == 10000);
    stage.node.attributes.answers = true;
    CHECK(stage.notify("post", "stop") == ocf::success);
    CHECK(stage.score() == 1000);
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

TEST_CASE("drbd: a missing replica is shown by monitor's code, where that is wanted") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.r0().peers[0].connection = drbd::Connection::stand_alone;
    CHECK(stage.monitor() == ocf::success);
    stage.parameters["report_degraded"] = "true";
    CHECK(stage.monitor() == ocf::degraded);
    CHECK(stage.act("status") == ocf::success);
    REQUIRE(stage.act("promote") == ocf::success);
    CHECK(stage.monitor() == ocf::degraded_promoted);
    // Degraded is running: start, stop and the rest know no such code.
    CHECK(stage.act("start") == ocf::success);
    stage.r0().peers[0].connection = drbd::Connection::connected;
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("drbd: 8.4 has two nodes, and two primaries have to be allowed") {
    Drbd_stage stage;
    stage.meta["clone_max"] = "3";
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("clone-max=\"3\": expected"));
    stage.node.commands.on({"modinfo"}).prints("9.2.8\n");
    CHECK(stage.act("validate-all") == ocf::success);
    stage.meta["promoted_max"] = "2";
    CHECK(stage.act("validate-all") == ocf::err_configured);

    stage.meta["clone_max"] = "2";
    auto& dump = stage.node.commands.on({"drbdadm", "-c", "/etc/drbd.conf", "dump", "r0"});
    dump.prints("resource r0 { net { allow-two-primaries no; } }");
    CHECK(stage.act("validate-all") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("allow-two-primaries"));
    dump.prints("resource r0 { net { allow-two-primaries yes; } }");
    CHECK(stage.act("validate-all") == ocf::success);
    dump.prints("resource r0 { net {\n allow-two-primaries;\n } }");
    CHECK(stage.act("validate-all") == ocf::success);
    stage.meta["promoted_max"] = "3";
    CHECK(stage.act("validate-all") == ocf::err_configured);
}

TEST_CASE("drbd: 8.4 is told which peer, 9 is not") {
    Drbd_stage stage;
    stage.meta["notify_start_uname"] = "ALICE bob";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.node.commands.asked.back() == "drbdadm -c /etc/drbd.conf --peer bob adjust r0");
    stage.node.files.replace("/sys/module/drbd/version", "9.2.8\n");
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.adjusted());
}

TEST_CASE("drbd: connected when promoted, where that is wanted") {
    Drbd_stage stage;
    stage.parameters["connect_only_after_promote"] = "true";
    auto& made = stage.node.drbd.resources;
    const auto drbdadm = [&](const std::string& verb) -> auto& {
        return stage.node.commands.on({"drbdadm", "-c", "/etc/drbd.conf", verb, "r0"});
    };
    drbdadm("new-resource").does([&] {
        made["r0"] = {.name = "r0", .role = drbd::Role::secondary};
    });
    drbdadm("new-minor").does([&] { made["r0"].volumes = {{}}; });
    drbdadm("attach").does([&] { made["r0"].volumes[0].disk = drbd::Disk::up_to_date; });
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_FALSE(stage.adjusted());
    CHECK(stage.notify("pre", "start") == ocf::success);
    CHECK_FALSE(stage.adjusted());
    REQUIRE(stage.act("promote") == ocf::success);
    CHECK(stage.adjusted());
}

TEST_CASE("drbd: a Primary that the cluster has not promoted") {
    Drbd_stage stage;
    stage.parameters["remove_master_score_if_peer_primary"] = "unexpected";
    stage.parameters["fail_promote_early_if_peer_primary"] = "true";
    REQUIRE(stage.act("start") == ocf::success);
    stage.r0().peers[0].role = drbd::Role::primary;
    auto& located = stage.node.commands.on({"crm_resource", "--resource", "p_test", "--locate"});
    located.prints("<nodes resource=\"p_test\"><node state=\"promoted\">bob</node></nodes>");
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.score() == 10000);
    located.prints("<nodes resource=\"p_test\"><node>bob</node></nodes>");
    CHECK(stage.monitor() == ocf::success);
    CHECK_FALSE(stage.score().has_value());
    CHECK(stage.act("promote") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("another node is Primary"));
    // A cluster that cannot be asked is no reason to think worse of the peer.
    located.exits(102);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.score() == 10000);
}

TEST_CASE("drbd: a Primary with all its replicas unfences from monitor, where that is wanted") {
    Drbd_stage stage;
    stage.parameters["unfence_if_all_uptodate"] = "true";
    REQUIRE(stage.act("start") == ocf::success);
    const auto called = [&] { return stage.node.commands.asked.back().starts_with("env "); };
    auto& handler = stage.node.commands.on({"env"});
    CHECK(stage.monitor() == ocf::success);
    CHECK_FALSE(called());
    REQUIRE(stage.act("promote") == ocf::success);
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK(stage.node.commands.asked.back() ==
          "env OCF_RESKEY_unfence_extra_args=--quiet --flock-required --flock-timeout 0 "
          "--unfence-only-if-owner-match drbdadm -c /etc/drbd.conf unfence-peer r0");
    handler.exits(1).complains("no");
    CHECK(stage.monitor() == ocf::running_promoted);
    stage.node.commands.asked.assign(1, "");
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::inconsistent;
    CHECK(stage.monitor() == ocf::running_promoted);
    CHECK_FALSE(called());
}

TEST_CASE("drbd: another resource's broken file is left out by start") {
    Drbd_stage stage;
    const auto write = [&](const std::string& name, const std::string& text) {
        stage.node.files.replace("/etc/drbd.d/" + name, text);
    };
    stage.node.files.replace("/etc/drbd.conf",
                             "include \"drbd.d/global_common.conf\";\ninclude \"drbd.d/*.res\";\n");
    write("global_common.conf", "global { usage-count no; }\n");
    write("broken.res", "resource broken {\n");
    write("r0.res", "resource \"r0\" { device minor 0; }\n");
    const std::string part = "/run/resource-agents/san-drbd-r0.conf";
    stage.node.commands.on({"drbdadm", "-c", "/etc/drbd.conf"})
        .exits(10)
        .complains("broken.res:2: Parse error");
    stage.node.commands.on({"drbdadm", "-c", part});
    stage.node.commands.on({"drbdadm", "-c", part, "adjust"}).does([&] {
        stage.node.drbd.resources["r0"] = {.name = "r0",
                                           .role = drbd::Role::secondary,
                                           .volumes = {{.disk = drbd::Disk::up_to_date}}};
    });
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.node.files.find(part) ==
          "include \"/etc/drbd.d/global_common.conf\";\n\ninclude \"/etc/drbd.d/r0.res\";\n\n");
    // Broken itself, it is nobody else's fault.
    CHECK(stage.act("stop") == ocf::success);
    stage.node.commands.on({"drbdadm", "-c", part}).exits(10);
    CHECK(stage.act("start") == ocf::err_installed);
    CHECK_THAT(stage.reason, ContainsSubstring("broken.res:2: Parse error"));
}

TEST_CASE("drbd: the whole configuration is for what its parts do not explain") {
    Drbd_stage stage;
    stage.node.files.replace("/etc/drbd.conf", "resource r0 { template-file \"t\"; }\n");
    const std::string part = "/run/resource-agents/san-drbd-r0.conf";
    stage.node.commands.on({"drbdadm", "-c", part}).exits(10).complains("t: no such file");
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.adjusted());
}

TEST_CASE("drbd: an empty wfc_timeout waits for nobody") {
    Drbd_stage stage;
    stage.parameters["wfc_timeout"] = "";
    stage.node.drbd.future = {[] { FAIL("waited for an event"); }};
    REQUIRE(stage.act("start") == ocf::success);
}

TEST_CASE("drbd: changed rules are taken over without a restart") {
    Drbd_stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.parameters["adjust_master_score"] = "0 10 1000 20000";
    stage.node.commands.asked.clear();
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK_FALSE(stage.adjusted());
    CHECK(stage.score() == 20000);
}

TEST_CASE("drbd: a Secondary outdates itself behind the Primary, where that is wanted") {
    Drbd_stage stage;
    auto& outdate = stage.node.commands.on({"drbdadm", "-c", "/etc/drbd.conf", "outdate", "r0"});
    const auto in_kernel = [&] {
        const auto& asked = stage.node.drbd.asked;
        return !asked.empty() && asked.back() == "outdate r0";
    };
    const auto outdated = [&] { return stage.node.commands.asked.back().ends_with("outdate r0"); };
    const auto begin = [&](const std::string& wanted) {
        stage.parameters["stop_outdates_secondary"] = wanted;
        stage.meta["notify_master_uname"] = "bob";
        REQUIRE(stage.act("start") == ocf::success);
        stage.r0().peers[0].volumes[0].disk = drbd::Disk::unknown;
    };
    begin("false");
    CHECK(stage.notify("post", "stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(outdated());
    CHECK_FALSE(in_kernel());

    begin("true");
    CHECK(stage.notify("post", "stop") == ocf::success);
    CHECK(in_kernel());
    CHECK_FALSE(outdated());
    CHECK_FALSE(stage.score().has_value());
    stage.node.drbd.asked.clear();
    // The cluster's list may be older than this stop of the promoted node.
    stage.meta["notify_stop_uname"] = "BOB";
    CHECK(stage.notify("post", "stop") == ocf::success);
    CHECK_FALSE(in_kernel());
    stage.meta.erase("notify_stop_uname");
    stage.r0().volumes[0].disk = drbd::Disk::up_to_date;
    REQUIRE(stage.act("promote") == ocf::success);
    CHECK(stage.notify("post", "promote") == ocf::success);
    CHECK_FALSE(in_kernel());
    REQUIRE(stage.act("demote") == ocf::success);
    stage.r0().peers[0].volumes[0].disk = drbd::Disk::up_to_date;
    CHECK(stage.notify("post", "demote") == ocf::success);
    CHECK_FALSE(in_kernel());
    outdate.exits(5);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(outdated());
    outdate.exits(1).complains("no metadata");
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("drbd: neither fencing nor quorum is refused, where that is wanted, with nothing left") {
    Drbd_stage stage;
    auto& settings = stage.node.drbd.configured["r0"];
    settings.fencing = drbd::Fencing::dont_care;
    CHECK(stage.act("start") == ocf::success);
    stage.parameters["require_fencing"] = "true";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("require_fencing=\"true\": expected"));
    // What runs is left running.
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_args);
    CHECK(stage.probe() == ocf::not_running);
    settings.fencing = drbd::Fencing::resource_only;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    settings = {.quorum = true};
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("drbd: a missing replica is shown as an attribute, where that is wanted") {
    Drbd_stage stage;
    stage.parameters["report_degraded"] = "true";
    REQUIRE(stage.act("start") == ocf::success);
    const auto shown = [&] { return stage.node.attributes.values.contains("san-drbd-r0@"); };
    CHECK(stage.monitor() == ocf::success);
    CHECK_FALSE(shown());
    stage.r0().peers[0].connection = drbd::Connection::stand_alone;
    CHECK(stage.monitor() == ocf::degraded);
    CHECK(shown());
    stage.node.attributes.answers = false;
    CHECK(stage.monitor() == ocf::degraded);
    stage.node.attributes.answers = true;
    stage.r0().peers[0].connection = drbd::Connection::connected;
    CHECK(stage.monitor() == ocf::success);
    CHECK_FALSE(shown());
    stage.r0().peers[0].connection = drbd::Connection::connecting;
    CHECK(stage.monitor() == ocf::degraded);
    CHECK(shown());
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(shown());
}
