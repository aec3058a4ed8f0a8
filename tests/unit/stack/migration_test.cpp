// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/migration.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "unit/stack/migrating_cluster.hpp"

using namespace san;
using namespace san::stack;
using namespace std::chrono_literals;
using Result = Migration_result;

namespace {

/// One run of the program after another on the same cluster.
struct Room {
    Room() {
        for (const auto* agent : {"san/drbd", "san/LVM", "linbit/drbd", "heartbeat/LVM"}) {
            const auto path = root + "/usr/lib/ocf/resource.d/" + agent;
            std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
            Files{}.replace(path, "");
        }
    }
    ~Room() { std::filesystem::remove_all(root); }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    Result run(Direction direction = Direction::to_san, bool trusts = false) {
        return migration().apply({.selection = {.direction = direction}, .trusts_nodes = trusts});
    }
    std::vector<std::string> obstacles(Direction direction = Direction::to_san,
                                       bool trusts = false) {
        return migration()
            .plan({.selection = {.direction = direction}, .trusts_nodes = trusts})
            .obstacles;
    }
    Migration migration() {
        return {cluster, cluster, sites, [&](const std::string& line) { said.push_back(line); },
                Deadline::in(10s)};
    }
    bool has_mark() const { return Migration_mark::find(cluster.copy()).has_value(); }

    std::string root =
        std::filesystem::temp_directory_path() / ("san-migration-" + std::to_string(::getpid()));
    Files files{root};
    test::Migrating_cluster cluster;
    Agent_sites sites{cluster, files, "alice"};
    std::vector<std::string> said;
};

const std::vector<std::string> none;

}  // namespace

TEST_CASE("migration: all providers change at once, in maintenance mode, and nothing else does") {
    Room room;
    CHECK(room.run() == Result::done);
    CHECK(room.cluster.provider("p_drbd") == "san");
    CHECK(room.cluster.provider("p_lvm") == "san");
    CHECK(room.cluster.did == std::vector<std::string>{"crm_config", "resources", "refresh g",
                                                       "refresh ms", "crm_config"});
    CHECK_FALSE(room.cluster.in_maintenance());
    CHECK_FALSE(room.cluster.copy().find_property("maintenance-mode"));
    CHECK_FALSE(room.has_mark());

    CHECK(room.run() == Result::nothing_to_do);

    CHECK(room.run(Direction::back) == Result::done);
    CHECK(room.cluster.provider("p_drbd") == "linbit");
    CHECK(room.cluster.provider("p_lvm") == "heartbeat");
    CHECK_FALSE(room.has_mark());
}

TEST_CASE("migration: a new agent that sees something else does not stay") {
    Room room;
    room.cluster.lies["san:p_lvm@alice"] = "";
    CHECK(room.run() == Result::taken_back);
    CHECK(room.cluster.provider("p_drbd") == "linbit");
    CHECK(room.cluster.provider("p_lvm") == "heartbeat");
    CHECK_FALSE(room.cluster.in_maintenance());
    CHECK_FALSE(room.has_mark());
    CHECK(std::count(room.said.begin(), room.said.end(),
                     "going back: p_lvm on alice was Started and is seen as stopped") == 1);
}

TEST_CASE("migration: a role is more than running") {
    Room room;
    room.cluster.lies["san:p_drbd@alice"] = "Unpromoted";
    CHECK(room.run() == Result::taken_back);
    CHECK(room.cluster.provider("p_drbd") == "linbit");
}

TEST_CASE(
    "migration: where even the old agents see something else, the cluster keeps its hands off") {
    Room room;
    room.cluster.lies["san:p_lvm@alice"] = "";
    room.cluster.lies["heartbeat:p_lvm@alice"] = "";
    CHECK(room.run() == Result::left);
    CHECK(room.cluster.provider("p_lvm") == "heartbeat");
    CHECK(room.cluster.in_maintenance());
    CHECK(room.has_mark());

    // It is mended, and the next run takes it from there.
    room.cluster.lies.clear();
    CHECK(room.run(Direction::back) == Result::taken_back);
    CHECK_FALSE(room.cluster.in_maintenance());
    CHECK_FALSE(room.has_mark());
}

TEST_CASE("migration: maintenance mode of somebody else's stays as it was") {
    for (const std::string value : {"true", "false"}) {
        Room room;
        room.cluster.options =
            "<nvpair id=\"m\" name=\"maintenance-mode\" value=\"" + value + "\"/>";
        CHECK(room.run() == Result::done);
        CHECK(room.cluster.copy().find_property("maintenance-mode") == value);
        CHECK_FALSE(room.has_mark());
    }
}

TEST_CASE("migration: killed at any call, before it or after it, the next run finishes") {
    for (const bool after : {false, true})
        for (int at = 0;; ++at) {
            INFO("killed at call " << at << (after ? ", done" : ", not done"));
            REQUIRE(at < 100);
            Room room;
            room.cluster.kill_at = at;
            room.cluster.kill_after = after;
            try {
                room.run();
                break;  // it has no more calls
            } catch (const test::Killed&) {
            }
            // Never outside maintenance mode with the new agents and a change that is not finished.
            CHECK(room.has_mark() == room.cluster.in_maintenance());
            CHECK(room.cluster.provider("p_drbd") ==
                  (room.cluster.provider("p_lvm") == "san" ? "san" : "linbit"));
            room.cluster.kill_at = -1;
            room.run();
            CHECK(room.cluster.provider("p_lvm") == "san");
            CHECK_FALSE(room.cluster.in_maintenance());
            CHECK_FALSE(room.has_mark());
        }
}

TEST_CASE("migration: killed at any call, the other direction takes it back") {
    for (int at = 0;; ++at) {
        INFO("killed at call " << at);
        REQUIRE(at < 100);
        Room room;
        room.cluster.kill_at = at;
        try {
            room.run();
            break;
        } catch (const test::Killed&) {
        }
        room.cluster.kill_at = -1;
        room.run(Direction::back);
        CHECK(room.cluster.provider("p_drbd") == "linbit");
        CHECK(room.cluster.provider("p_lvm") == "heartbeat");
        CHECK_FALSE(room.cluster.in_maintenance());
        CHECK_FALSE(room.has_mark());
    }
}

TEST_CASE("migration: killed while it goes back, the next run finds its way") {
    for (int at = 0;; ++at) {
        INFO("killed at call " << at);
        REQUIRE(at < 100);
        Room room;
        room.cluster.lies["san:p_lvm@alice"] = "";
        room.cluster.kill_at = at;
        try {
            const auto result = room.run();
            CHECK(result == Result::taken_back);
            break;
        } catch (const test::Killed&) {
        }
        room.cluster.kill_at = -1;
        room.run();
        CHECK(room.cluster.provider("p_lvm") == "heartbeat");
        CHECK_FALSE(room.cluster.in_maintenance());
        CHECK_FALSE(room.has_mark());
    }
}

TEST_CASE("migration: a provider that somebody changed meanwhile is not overwritten") {
    Room room;
    room.cluster.sets =
        "<cluster_property_set id=\"san-migrate\"><nvpair id=\"1\" name=\"san-migrate-direction\" "
        "value=\"to-san\"/><nvpair id=\"2\" name=\"san-migrate-before\" "
        "value=\"p_drbd=linbit p_lvm=heartbeat\"/><nvpair id=\"3\" name=\"san-migrate-after\" "
        "value=\"p_drbd=san p_lvm=san\"/><nvpair id=\"4\" name=\"san-migrate-tops\" value=\"ms "
        "g\"/>"
        "<nvpair id=\"5\" name=\"san-migrate-places\" value=\"\"/><nvpair id=\"6\" "
        "name=\"san-migrate-maintenance\" value=\"absent\"/></cluster_property_set>";
    room.cluster.providers["p_lvm"] = "acme";
    CHECK_THROWS_WITH(room.run(), ContainsSubstring("neither the old nor the new"));
    CHECK(room.cluster.did.empty());
}

TEST_CASE(
    "migration: an agent that is missing somewhere, or that nobody can look for, is in the way") {
    Room room;
    CHECK(room.obstacles() == none);

    room.cluster.missing.insert("ocf:san:LVM");
    CHECK(room.obstacles() == std::vector<std::string>{"ocf:san:LVM is not installed on bob"});
    CHECK(room.run() == Result::refused);
    CHECK(room.cluster.did.empty());

    room.cluster.ssh_works = false;
    CHECK_THAT(room.obstacles().at(0), ContainsSubstring("bob cannot be asked over ssh"));
    CHECK(room.obstacles(Direction::to_san, true) == none);

    std::filesystem::remove(room.root + "/usr/lib/ocf/resource.d/san/drbd");
    CHECK(room.obstacles(Direction::to_san, true) ==
          std::vector<std::string>{"ocf:san:drbd is not installed on alice"});
}

TEST_CASE(
    "migration: a parameter that the new agent does not have, or does not take, is in the way") {
    Room room;
    room.cluster.lvm_extra = "<nvpair id=\"e\" name=\"colour\" value=\"red\"/>";
    CHECK(room.obstacles() ==
          std::vector<std::string>{"p_lvm: ocf:san:LVM has no parameter colour"});

    room.cluster.lvm_extra.clear();
    room.cluster.not_valid = 6;
    room.cluster.reason = "volgrpname=\"?\": expected a volume group name";
    CHECK(room.obstacles().at(1) == "p_lvm: ocf:san:LVM: " + room.cluster.reason);

    // What is wrong on a node may be right on the one where it runs.
    room.cluster.not_valid = 1;
    room.cluster.truth = {{"p_drbd@bob", "Promoted"}, {"p_lvm@bob", "Started"}};
    CHECK(room.obstacles() == none);
    room.cluster.truth["p_lvm@alice"] = room.cluster.truth.extract("p_lvm@bob").mapped();
    CHECK(room.obstacles() ==
          std::vector<std::string>{"p_lvm: ocf:san:LVM: " + room.cluster.reason});
}

TEST_CASE("migration: a cluster that is about to do something is left alone") {
    Room room;
    room.cluster.actions = "<rsc_action action=\"Move\" resource=\"p_ip\"/>";
    CHECK(room.obstacles() == std::vector<std::string>{"the cluster is about to move p_ip"});

    room.cluster.actions.clear();
    room.cluster.failures =
        "<failure op_key=\"p_lvm_monitor_30000\" node=\"alice\" exitreason=\"gone\"/>";
    CHECK(room.run() == Result::refused);
    CHECK(room.cluster.did.empty());
}
