// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica.hpp"

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
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
    Change promote() { return replica::promote("r0", node.drbd, node.bounded, soon()); }
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
    CHECK(replica::judge(consistent, Score_table::parse("5 10 1000 10000")).score == 5);
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
    for (const int code : {-2, -7, -25, 158}) {
        Stage stage;
        stage.node.drbd.refusals = {{code, "because"}};
        stage.node.drbd.future = {[] {}};
        CHECK_THROWS_WITH(stage.promote(), ContainsSubstring("because"));
        CHECK(stage.node.drbd.asked.size() == 1);
    }
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

TEST_CASE("start waits for the peer no longer than it is told") {
    Stage stage;
    stage.r0().peers[0].connection = drbd::Connection::connecting;
    CHECK_FALSE(replica::await_peers("r0", stage.node.drbd, Deadline::in(0s)));
    stage.node.drbd.future = {
        [&] { stage.r0().peers[0].connection = drbd::Connection::connected; }};
    CHECK(replica::await_peers("r0", stage.node.drbd, Stage::soon()));
}
