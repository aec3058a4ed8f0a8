// SPDX-License-Identifier: GPL-2.0-or-later
// The handlers on a cluster that moves while they wait. What they do on one that stands still is
// in tests/fencing.
#include "cluster/fencing.hpp"

#include <filesystem>

#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_drbd.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Fake_cluster;

namespace {

const std::string id = "drbd-fence-by-handler-r0-ms";

/// alice, who is Primary and has lost bob.
struct Scene {
    Fake_cluster cluster{};
    test::Fake_drbd kernel{};
    Variables environment{{"DRBD_RESOURCE", "r0"},
                          {"DRBD_MY_NODE_ID", "0"},
                          {"DRBD_NODE_ID_0", "alice"},
                          {"DRBD_NODE_ID_1", "bob"},
                          {"UP_TO_DATE_NODES", "0x00000001"}};

    Scene() {
        kernel.module_loaded = true;
        kernel.resources["r0"] = {
            .name = "r0",
            .role = drbd::Role::primary,
            .volumes = {{.disk = drbd::Disk::up_to_date}},
            .peers = {{.node_id = 1, .name = "bob", .volumes = {{.disk = drbd::Disk::unknown}}}}};
    }

    void peer_disk(drbd::Disk disk) { kernel.resources["r0"].peers[0].volumes[0].disk = disk; }
    void own_disk(drbd::Disk disk) { kernel.resources["r0"].volumes[0].disk = disk; }

    cluster::Handled run(decltype(cluster::fence) handler, std::vector<std::string> options) {
        const auto request = cluster::parse_request(options, environment, true);
        // No /proc/drbd: not 8.4.
        const Files files{std::filesystem::path{"/nonexistent"}};
        return handler(request, {.host = "alice",
                                 .cluster = cluster,
                                 .files = files,
                                 .kernel = kernel,
                                 .elapsed = [this] { return cluster.now; }});
    }
    cluster::Handled fence(std::vector<std::string> options = {}) {
        return run(cluster::fence, std::move(options));
    }
    cluster::Handled unfence(std::vector<std::string> options = {}) {
        return run(cluster::unfence, std::move(options));
    }
};

using Done = std::vector<std::string>;

std::string constraint_for(const std::string& node) {
    return cluster::Constraint{.id = id,
                               .clone = "ms",
                               .rule_id = "r",
                               .role = "Master",
                               .allowed = {{"#uname", node, "e"}}}
        .to_xml();
}

}  // namespace

TEST_CASE("fencing: a peer that is being fenced is waited for") {
    Scene scene;
    scene.cluster.nodes[1].state = Fake_cluster::lost;
    scene.cluster.future = {[] {}, [] {},
                            [&] { scene.cluster.nodes[1].state = Fake_cluster::down; }};
    const auto done = scene.fence();
    CHECK(done.exit_code == 7);
    CHECK(scene.cluster.did == Done{"add " + id});
    CHECK(scene.cluster.now < 90s);
}

TEST_CASE("fencing: the wait for a fencing ends with --timeout") {
    Scene scene;
    scene.cluster.nodes[1].state = Fake_cluster::lost;
    CHECK(scene.fence({"--timeout=30"}).exit_code == 5);
    CHECK(scene.cluster.did == Done{"add " + id});
    CHECK(scene.cluster.now >= 30s);
    CHECK(scene.cluster.now < 33s);
}

TEST_CASE("fencing: a peer that is online and silent is asked until it answers") {
    Scene scene;
    scene.cluster.silent = {"bob"};
    scene.cluster.future = {[] {}, [&] { scene.cluster.silent.clear(); }};
    CHECK(scene.fence().exit_code == 4);
    CHECK(scene.cluster.now == 4s);
}

TEST_CASE("fencing: a CIB that has changed is read and judged again") {
    Scene scene;
    SECTION("to the same end") {
        scene.cluster.ambush = {[&] { scene.cluster.touch(); }};
        CHECK(scene.fence().exit_code == 4);
        CHECK(scene.cluster.did == Done{"stale", "add " + id});
    }
    SECTION("to another one: the peer has been lost meanwhile") {
        scene.cluster.ambush = {[&] {
            scene.cluster.nodes[1].state = Fake_cluster::down;
            scene.cluster.touch();
        }};
        CHECK(scene.fence().exit_code == 7);
    }
    SECTION("to another one: the peer was faster") {
        scene.cluster.ambush = {[&] {
            scene.cluster.constraints[id] = constraint_for("bob");
            scene.cluster.touch();
        }};
        const auto done = scene.fence();
        CHECK(done.exit_code == 1);
        CHECK(done.lost);
        CHECK(scene.cluster.did == Done{"stale"});
    }
    SECTION("to another one: quorum is lost") {
        scene.cluster.ambush = {[&] {
            scene.cluster.quorum = false;
            scene.cluster.touch();
        }};
        CHECK(scene.fence().exit_code == 1);
        CHECK(scene.cluster.did == Done{"stale"});
    }
}

TEST_CASE("fencing: a DC is waited for as long as --dc-timeout") {
    Scene scene;
    scene.cluster.leader = false;
    SECTION("and comes") {
        scene.cluster.future = {[] {}, [&] { scene.cluster.leader = true; }};
        CHECK(scene.fence().exit_code == 4);
    }
    SECTION("in vain") {
        const auto done = scene.fence();
        CHECK(done.exit_code == 1);
        CHECK(done.lost);
        CHECK(scene.cluster.did.empty());
        CHECK(scene.cluster.now >= 20s);
        CHECK(scene.cluster.now < 22s);
    }
    SECTION("which our own controller does not know either") {
        scene.cluster.leader = true;
        scene.cluster.controller = false;
        CHECK(scene.fence({"--dc-timeout=3"}).exit_code == 1);
        CHECK(scene.cluster.did.empty());
    }
}

TEST_CASE("fencing: a CIB manager that does not answer yet is asked again") {
    Scene scene;
    scene.cluster.failing_queries = 3;
    CHECK(scene.fence().exit_code == 4);
    scene.cluster.failing_queries = 1000;
    const auto done = scene.fence();
    CHECK(done.exit_code == 1);
    CHECK_FALSE(done.lost);
    CHECK_THAT(done.reason, ContainsSubstring("CIB manager"));
}

TEST_CASE("fencing: a write that fails is looked after, and told if it fails again") {
    Scene scene;
    SECTION("it has not been done") {
        scene.cluster.failing_changes = 1;
        CHECK(scene.fence().exit_code == 4);
        CHECK(scene.cluster.did == Done{"add " + id});
    }
    SECTION("it has been done, and only the answer was lost") {
        scene.cluster.failing_changes = 1;
        scene.cluster.ambush = {[&] {
            scene.cluster.constraints[id] = constraint_for("alice");
            scene.cluster.touch();
        }};
        CHECK(scene.fence().exit_code == 4);
        CHECK(scene.cluster.did.empty());
    }
    SECTION("for good") {
        scene.cluster.failing_changes = 2;
        const auto done = scene.fence();
        CHECK(done.exit_code == 1);
        CHECK(done.lost);
        CHECK_THAT(done.reason, ContainsSubstring("timer expired"));
    }
}

TEST_CASE("fencing: with a hickup allowed the link may come back by itself") {
    Scene scene;
    SECTION("which it does") {
        scene.cluster.future = {[] {}, [&] { scene.peer_disk(drbd::Disk::up_to_date); }};
        CHECK(scene.fence({"--network-hickup=10"}).exit_code == 1);
        CHECK(scene.cluster.did.empty());
        CHECK(scene.cluster.now == 4s);
    }
    SECTION("which it does not") {
        CHECK(scene.fence({"--network-hickup=10"}).exit_code == 4);
        CHECK(scene.cluster.now == 10s);
    }
    SECTION("but not when the peer is gone") {
        scene.cluster.nodes[1].state = Fake_cluster::down;
        CHECK(scene.fence({"--network-hickup=10"}).exit_code == 7);
        CHECK(scene.cluster.now == 0s);
    }
}

TEST_CASE("fencing: a link that came back while the constraint was placed takes it away again") {
    Scene scene;
    scene.cluster.ambush = {[&] { scene.peer_disk(drbd::Disk::up_to_date); }};
    const auto done = scene.fence();
    CHECK(done.exit_code == 1);
    CHECK_FALSE(done.lost);
    CHECK(scene.cluster.did == Done{"add " + id, "remove " + id});
}

TEST_CASE("fencing: if it cannot be taken away again nobody has lost for that") {
    Scene scene;
    scene.cluster.constraints[id] = constraint_for("alice");
    scene.peer_disk(drbd::Disk::up_to_date);
    scene.cluster.failing_changes = 2;
    const auto done = scene.fence();
    CHECK(done.exit_code == 1);
    CHECK_FALSE(done.lost);
}

TEST_CASE("fencing: only an operator's word makes a peer outdated that cannot be reached") {
    Scene scene;
    scene.own_disk(drbd::Disk::consistent);
    scene.cluster.nodes[1].state = Fake_cluster::lost;
    CHECK(scene.fence({"--timeout=0"}).exit_code == 5);
    CHECK(scene.cluster.did.empty());
    const auto done = scene.fence({"--timeout=0", "--unreachable-peer-is-outdated"});
    CHECK(done.exit_code == 5);
    CHECK(done.warn);
    CHECK(scene.cluster.did == Done{"add " + id});
}

TEST_CASE("fencing: somebody's own constraint of that name is left alone") {
    Scene scene;
    scene.cluster.constraints[id] =
        "<rsc_location id=\"" + id + "\" rsc=\"ms\" node=\"bob\" score=\"-INFINITY\"/>";
    CHECK(scene.fence().exit_code == 1);
    CHECK(scene.unfence({"--unfence-only-if-owner-match"}).exit_code == 0);
    CHECK(scene.cluster.did.empty());
}

TEST_CASE("unfencing: takes away what fencing has placed, once all is in sync") {
    Scene scene;
    REQUIRE(scene.fence().exit_code == 4);
    scene.environment["UP_TO_DATE_NODES"] = "0x00000003";
    scene.peer_disk(drbd::Disk::up_to_date);
    SECTION("at once") {
        CHECK(scene.unfence().exit_code == 0);
        CHECK(scene.cluster.did == Done{"add " + id, "remove " + id});
    }
    SECTION("also when the CIB changes meanwhile") {
        scene.cluster.ambush = {[&] { scene.cluster.touch(); }};
        CHECK(scene.unfence().exit_code == 0);
        CHECK(scene.cluster.did == Done{"add " + id, "stale", "remove " + id});
    }
    SECTION("and not when the peer is lost again meanwhile") {
        scene.cluster.ambush = {[&] {
            scene.peer_disk(drbd::Disk::unknown);
            scene.cluster.touch();
        }};
        CHECK(scene.unfence().exit_code == 0);
        CHECK(scene.cluster.did == Done{"add " + id, "stale"});
    }
    CHECK(scene.unfence().exit_code == 0);
}

TEST_CASE("unfencing: says so when it cannot") {
    Scene scene;
    REQUIRE(scene.fence().exit_code == 4);
    scene.peer_disk(drbd::Disk::up_to_date);
    scene.cluster.failing_changes = 2;
    CHECK(scene.unfence().exit_code == 1);
    scene.cluster.failing_queries = 1000;
    CHECK(scene.unfence().exit_code == 1);
}
