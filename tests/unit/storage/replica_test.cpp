// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "base/error.hpp"
#include "storage/replica_health.hpp"
#include "storage/replica_score.hpp"
#include "storage/replica_users.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;
using drbd::Disk;
using drbd::Role;

namespace {

drbd::Peer peer(Disk disk, drbd::Connection connection = drbd::Connection::connected) {
    return {.node_id = 1,
            .name = "bob",
            .connection = connection,
            .role = Role::secondary,
            .volumes = {{.disk = disk}}};
}

drbd::Resource resource(Disk disk, std::vector<drbd::Peer> peers, Role role = Role::secondary) {
    return {.name = "r0",
            .role = role,
            .volumes = {{.number = 0, .minor = 0, .disk = disk}},
            .peers = std::move(peers)};
}

std::optional<int> score(const drbd::Resource& of) { return replica::judge(of, {}).score; }

/// A node where r0 is configured, with a peer.
struct Stage {
    Stage() {
        node.drbd.module_loaded = true;
        r0() = resource(Disk::up_to_date, {peer(Disk::up_to_date)});
    }
    drbd::Resource& r0() { return node.drbd.resources["r0"]; }
    Change promote(const replica::Promotion_rules& rules = {}) {
        return replica::promote("r0", node.drbd, node.bounded, node.files, soon(), rules);
    }
    Change demote() { return replica::demote("r0", node.drbd, node.bounded, node.files, soon()); }
    Change take_down() {
        return replica::take_down("r0", node.drbd, node.bounded, node.files, soon());
    }
    static Deadline soon() { return Deadline::in(2s); }
    test::Node node;
};

}  // namespace

TEST_CASE("Replica_name: what drbd.conf takes, and nothing that a shell or drbdadm could misread") {
    CHECK(Replica_name::parse("data-6.img_2").to_text() == "data-6.img_2");
    for (const auto* bad : {"", "no such", "-all", "r0;reboot", "r0\n"})
        CHECK_THROWS_AS(Replica_name::parse(bad), Error);
}

TEST_CASE("Score_table: four numbers that do not fall") {
    CHECK(Score_table::parse("5 10 1000 10000").consistent_only == 5);
    CHECK(Score_table::parse("1 1 1 1").good == 1);
    for (const auto* bad :
         {"", "0 10 1000", "0 10 1000 10000 1", "0 -1 1 2", "0 10 5 10000", "a b c d"})
        CHECK_THROWS_AS(Score_table::parse(bad), Error);
}

TEST_CASE("score: good data here") {
    CHECK(score(resource(Disk::up_to_date, {peer(Disk::up_to_date)})) == 10000);
    CHECK(score(resource(Disk::up_to_date, {peer(Disk::inconsistent)})) == 10000);
    CHECK(score(resource(Disk::up_to_date, {peer(Disk::unknown)})) == 1000);
    CHECK(score(resource(Disk::up_to_date, {peer(Disk::unknown)}, Role::primary)) == 10000);
    CHECK(score(resource(Disk::up_to_date, {})) == 10000);
}

TEST_CASE("score: data that is not known to be good") {
    CHECK(score(resource(Disk::inconsistent, {peer(Disk::up_to_date)})) == 10);
    CHECK(score(resource(Disk::diskless, {peer(Disk::up_to_date)})) == 10);
    for (const auto disk : {Disk::inconsistent, Disk::outdated, Disk::diskless, Disk::failed})
        CHECK_FALSE(score(resource(disk, {peer(Disk::unknown)})).has_value());
    const auto consistent = resource(Disk::consistent, {peer(Disk::unknown)});
    CHECK_FALSE(score(consistent).has_value());
    CHECK(replica::judge(consistent, {.table = Score_table::parse("5 10 1000 10000")}).score == 5);
}

TEST_CASE("score: a disk on its way to somewhere leaves it as it is") {
    CHECK(replica::judge(resource(Disk::attaching, {peer(Disk::unknown)}), {}).keep);
    CHECK(replica::judge(resource(Disk::negotiating, {}), {}).keep);
    CHECK(score(resource(Disk::negotiating, {peer(Disk::up_to_date)})) == 10);
}

TEST_CASE("score: one bad volume of two spoils the resource") {
    auto two = resource(Disk::up_to_date, {peer(Disk::up_to_date)});
    two.volumes.push_back({.number = 1, .minor = 1, .disk = Disk::inconsistent});
    two.peers[0].volumes.push_back({.volume = 1, .disk = Disk::up_to_date});
    CHECK(score(two) == 10);
    two.peers[0].volumes[1].disk = Disk::inconsistent;
    CHECK_FALSE(score(two).has_value());
}

TEST_CASE("score: without quorum there is none") {
    auto lonely = resource(Disk::up_to_date, {peer(Disk::unknown)});
    lonely.volumes[0].has_quorum = false;
    CHECK(replica::judge(lonely, {}) == replica::Verdict{});
}

TEST_CASE("score: diskless on purpose comes after those who have the data") {
    auto client = resource(Disk::diskless, {peer(Disk::up_to_date)});
    client.volumes[0].client = true;
    CHECK(score(client) == 9999);
    client.peers.push_back(peer(Disk::outdated));
    CHECK(score(client) == 999);
    client.role = Role::primary;
    CHECK(score(client) == 9999);
    client.peers.clear();
    CHECK_FALSE(score(client).has_value());

    auto with_client = resource(Disk::up_to_date, {peer(Disk::up_to_date), peer(Disk::unknown)});
    with_client.peers[1].volumes[0].client = true;
    CHECK(score(with_client) == 10000);
}

TEST_CASE("score: beside a Primary, where the administrator wants it so") {
    auto beside = resource(Disk::up_to_date, {peer(Disk::up_to_date)});
    beside.peers[0].role = Role::primary;
    CHECK(score(beside) == 10000);
    CHECK_FALSE(replica::judge(beside, {.peer_primary = Peer_primary::forbids}).score.has_value());
    replica::Score_rules rules{.peer_primary = Peer_primary::forbids_unexpected,
                               .is_unexpected = [] { return false; }};
    CHECK(replica::judge(beside, rules).score == 10000);
    rules.is_unexpected = [] { return true; };
    CHECK_FALSE(replica::judge(beside, rules).score.has_value());
    // A Primary without good data is no reason, nor is one beside this Primary.
    beside.peers[0].volumes[0].disk = Disk::inconsistent;
    CHECK(replica::judge(beside, rules).score == 10000);
    beside.peers[0].volumes[0].disk = Disk::up_to_date;
    beside.role = Role::primary;
    CHECK(replica::judge(beside, rules).score == 10000);
}

TEST_CASE("score: the source of a resync comes first, where the administrator wants it so") {
    auto target = resource(Disk::inconsistent, {peer(Disk::up_to_date)});
    target.peers[0].volumes[0].replication = "SyncTarget";
    CHECK(score(target) == 10);
    CHECK_FALSE(replica::judge(target, {.prefers_sync_source = true}).score.has_value());
    target.role = Role::primary;
    CHECK(replica::judge(target, {.prefers_sync_source = true}).score == 10);
    auto source = resource(Disk::up_to_date, {peer(Disk::inconsistent)});
    source.peers[0].volumes[0].replication = "SyncSource";
    CHECK(replica::judge(source, {.prefers_sync_source = true}).score == 10000);
}

TEST_CASE("Peer_primary_rule: a truth value, or unexpected") {
    CHECK(Peer_primary_rule::parse("unexpected").rule == Peer_primary::forbids_unexpected);
    CHECK(Peer_primary_rule::parse("yes").rule == Peer_primary::forbids);
    CHECK(Peer_primary_rule::parse("false").rule == Peer_primary::counts_nothing);
}

TEST_CASE("troubles: what is missing though it serves, by name") {
    CHECK(replica::troubles(resource(Disk::up_to_date, {peer(Disk::up_to_date)})).empty());
    const auto only = [](const drbd::Resource& of) {
        const auto found = replica::troubles(of);
        REQUIRE(found.size() == 1);
        return found[0];
    };
    CHECK(only(resource(Disk::inconsistent, {peer(Disk::up_to_date)})) ==
          "volume 0 is Inconsistent");
    CHECK(only(resource(Disk::up_to_date, {peer(Disk::outdated)})) ==
          "volume 0 of bob is Outdated");
    CHECK(only(resource(Disk::up_to_date, {peer(Disk::unknown, drbd::Connection::connecting)})) ==
          "bob: not connected (Connecting)");
    CHECK_THAT(
        only(resource(Disk::up_to_date, {peer(Disk::unknown, drbd::Connection::stand_alone)})),
        ContainsSubstring("bob: StandAlone"));
    CHECK(only(resource(Disk::up_to_date, {})) == "it has no peer");
    auto waits = resource(Disk::up_to_date, {peer(Disk::up_to_date)});
    waits.suspended = waits.suspension.no_data = true;
    CHECK(only(waits) == "its I/O is suspended: no good data can be reached");
    auto lonely = resource(Disk::up_to_date, {peer(Disk::up_to_date)});
    lonely.volumes[0].has_quorum = false;
    CHECK(only(lonely) == "volume 0 has no quorum");
    auto client = resource(Disk::diskless, {peer(Disk::up_to_date)});
    client.volumes[0].client = true;
    CHECK(replica::troubles(client).empty());
}

TEST_CASE("faults: what a killed start and a forced demotion leave") {
    CHECK(replica::faults(resource(Disk::up_to_date, {})).empty());
    CHECK(replica::faults({.name = "r0"}).size() == 1);
    auto failing = resource(Disk::up_to_date, {});
    failing.failing_io = true;
    CHECK(replica::faults(failing).size() == 1);
}

TEST_CASE("promote waits for the other Primary to be demoted") {
    Stage stage;
    stage.r0().peers[0].role = Role::primary;
    stage.node.drbd.future = {[] {}, [&] { stage.r0().peers[0].role = Role::secondary; }};
    CHECK(stage.promote() == Change::made);
    CHECK(stage.node.drbd.asked.size() == 3);
    CHECK(stage.promote() == Change::none);
}

TEST_CASE("promote tells what the other Primary is when it stays one") {
    Stage stage;
    stage.r0().peers[0].role = Role::primary;
    CHECK_THROWS_WITH(stage.promote(), ContainsSubstring("another node is Primary"));
}

TEST_CASE("promote gives up at once when waiting cannot help") {
    for (const int code : {-2, -7, 158}) {
        Stage stage;
        stage.node.drbd.refusals = {{code, "because"}};
        stage.node.drbd.future = {[] {}};
        CHECK_THROWS_WITH(stage.promote(), ContainsSubstring("because"));
        CHECK(stage.node.drbd.asked.size() == 1);
    }
}

TEST_CASE("promote waits for quorum, unless told not to") {
    Stage stage;
    stage.node.drbd.refusals = {{-25, "no quorum"}};
    stage.node.drbd.future = {[] {}};
    CHECK(stage.promote() == Change::made);
    stage.demote();
    stage.node.drbd.asked.clear();
    stage.node.drbd.refusals = {{-25, "no quorum"}};
    stage.node.drbd.future = {[] {}};
    CHECK_THROWS_WITH(stage.promote({.gives_up_without_quorum = true}),
                      ContainsSubstring("no quorum"));
    CHECK(stage.node.drbd.asked.size() == 1);
}

TEST_CASE("promote can give up beside a Primary that nobody expects") {
    Stage stage;
    stage.r0().peers[0].role = Role::primary;
    stage.node.drbd.future = {[] {}, [&] { stage.r0().peers[0].role = Role::secondary; }};
    CHECK_THROWS_WITH(stage.promote({.gives_up_beside_primary = [] { return true; }}),
                      ContainsSubstring("another node is Primary"));
    CHECK(stage.node.drbd.asked.size() == 1);
}

TEST_CASE("promote tries again after a collision with another change") {
    for (const int code : {-18, -19, -23}) {
        Stage stage;
        stage.node.drbd.refusals = {{code, "collision"}};
        stage.node.drbd.future = {[] {}};
        CHECK(stage.promote() == Change::made);
    }
}

TEST_CASE("demote waits for an opener that leaves, and is done when nothing is there") {
    Stage stage;
    CHECK(stage.demote() == Change::none);
    stage.promote();
    stage.node.drbd.held_open = true;
    stage.node.drbd.future = {[&] { stage.node.drbd.held_open = false; }};
    CHECK(stage.demote() == Change::made);
    stage.node.drbd.resources.clear();
    CHECK(stage.demote() == Change::none);
}

TEST_CASE("demote goes on as soon as a program closes the device") {
    Stage stage;
    stage.promote();
    stage.node.drbd.held_open = true;
    const auto device = stage.node.root.path() / "dev/drbd0";
    std::filesystem::create_directory(device.parent_path());
    std::ofstream open{device};
    std::promise<void> refused;
    stage.node.drbd.future = {[&] { refused.set_value(); }};
    std::thread program{[&] {
        refused.get_future().wait();
        stage.node.drbd.held_open = false;
        open.close();
    }};
    const auto began = std::chrono::steady_clock::now();
    CHECK(stage.demote() == Change::made);
    CHECK(std::chrono::steady_clock::now() - began < 900ms);
    program.join();
}

TEST_CASE("stop names who is in the way") {
    Stage stage;
    stage.promote();
    stage.node.drbd.held_open = true;
    const auto root = stage.node.root.path();
    std::filesystem::create_directories(root / "sys/block/drbd0/holders/dm-3");
    std::filesystem::create_directories(root / "sys/block/dm-3/dm");
    std::ofstream{root / "sys/block/dm-3/dm/name"} << "vg_san-lun1\n";
    std::filesystem::create_directories(root / "proc/self");
    std::ofstream{root / "proc/self/mountinfo"}
        << "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n36 21 147:0 / /srv rw - ext4 /dev/drbd0 rw\n";
    CHECK_THROWS_WITH(stage.take_down(), ContainsSubstring("vg_san-lun1, /srv"));
    stage.node.drbd.held_open = false;
    CHECK(stage.take_down() == Change::made);
    CHECK(stage.take_down() == Change::none);
}

TEST_CASE("a refusal names programs by what they have open, and suspended I/O") {
    Stage stage;
    stage.promote();
    stage.node.drbd.held_open = true;
    stage.r0().suspended = stage.r0().suspension.fencing = true;
    const auto process = stage.node.root.path() / "proc/533";
    std::filesystem::create_directories(process / "fd");
    std::filesystem::create_symlink("/dev/drbd0", process / "fd/4");
    std::filesystem::create_symlink("socket:[1234]", process / "fd/5");
    std::ofstream{process / "comm"} << "dd\n";
    CHECK_THROWS_WITH(stage.demote(), ContainsSubstring("in use by dd (process 533)") &&
                                          ContainsSubstring("the peer is not known to be fenced"));
}

TEST_CASE("start waits for the peer no longer than it is told") {
    Stage stage;
    stage.r0().peers[0].connection = drbd::Connection::connecting;
    CHECK_FALSE(replica::await_peers("r0", stage.node.drbd, Deadline::in(0s)));
    stage.node.drbd.future = {
        [&] { stage.r0().peers[0].connection = drbd::Connection::connected; }};
    CHECK(replica::await_peers("r0", stage.node.drbd, Stage::soon()));
}
