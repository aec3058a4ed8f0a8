// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_alarm.hpp"

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
        r0() = {.name = "r0",
                .role = drbd::Role::primary,
                .volumes = {{.disk = Disk::up_to_date}},
                .peers = {{.name = "bob",
                           .connection = drbd::Connection::connected,
                           .volumes = {{.disk = Disk::up_to_date}}}}};
    }
    drbd::Resource& r0() { return node.drbd.resources["r0"]; }
    void raise(const char* event, const std::string& text) {
        replica_alarm::raise(*find_replica_event(event), text, name, node.system, soon());
    }
    void split() {
        r0().peers[0] = {.name = "bob", .volumes = {{.disk = Disk::unknown}}};
        raise("split-brain", "split-brain with bob");
    }
    void heal() {
        r0().peers[0].connection = drbd::Connection::connected;
        r0().peers[0].volumes[0].disk = Disk::up_to_date;
    }
    Change refresh() { return replica_alarm::refresh(name, node.system, soon()); }
    Change clear() { return replica_alarm::clear(name, node.system, soon()); }
    std::optional<std::string> shown() const {
        const auto found = node.attributes.values.find("san-drbd-r0@");
        return found == node.attributes.values.end() ? std::nullopt : std::optional{found->second};
    }
    static Deadline soon() { return Deadline::in(2s); }
    test::Node node;
    Replica_name name = Replica_name::parse("r0");
};

}  // namespace

TEST_CASE("alarm: shown until the resource is healthy again") {
    Stage stage;
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.node.attributes.asked.empty());
    stage.split();
    CHECK(stage.shown() == "split-brain with bob");
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.shown() == "split-brain with bob");
    stage.heal();
    CHECK(stage.refresh() == Change::made);
    CHECK_FALSE(stage.shown().has_value());
    stage.node.attributes.asked.clear();
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.node.attributes.asked.empty());
}

TEST_CASE("alarm: what Pacemaker has forgotten is set again") {
    Stage stage;
    stage.split();
    stage.node.attributes.values.clear();
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.shown() == "split-brain with bob");
}

TEST_CASE("alarm: one that could not be told is told by the next monitor") {
    Stage stage;
    stage.node.attributes.answers = false;
    CHECK_THROWS_AS(stage.split(), Error);
    CHECK_THROWS_AS(stage.refresh(), Error);
    stage.node.attributes.answers = true;
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.shown() == "split-brain with bob");
}

TEST_CASE("alarm: one that the cluster did not drop is not forgotten") {
    Stage stage;
    stage.split();
    stage.heal();
    stage.node.attributes.answers = false;
    CHECK_THROWS_AS(stage.refresh(), Error);
    CHECK_THROWS_AS(stage.clear(), Error);
    stage.node.attributes.answers = true;
    CHECK(stage.refresh() == Change::made);
    CHECK_FALSE(stage.shown().has_value());
}

TEST_CASE("alarm: several are shown together, the same one once") {
    Stage stage;
    stage.split();
    stage.split();
    stage.raise("io-error", "io-error of volume 0");
    CHECK(stage.shown() == "io-error of volume 0; split-brain with bob");
    CHECK(stage.node.files.names("/run/resource-agents/san-drbd-r0").size() == 2);
}

TEST_CASE("alarm: what monitor sees is shown with them, until it sees it no more") {
    Stage stage;
    const auto refresh = [&](const std::string& seen) {
        return replica_alarm::refresh(stage.name, stage.node.system, Stage::soon(), seen);
    };
    stage.r0().peers[0].connection = drbd::Connection::connecting;
    CHECK(refresh("bob: not connected") == Change::none);
    CHECK(stage.shown() == "bob: not connected");
    CHECK(refresh("bob: StandAlone") == Change::none);
    CHECK(stage.shown() == "bob: StandAlone");
    stage.raise("split-brain", "split-brain with bob");
    CHECK(stage.shown() == "bob: StandAlone; split-brain with bob");
    // It is not wanted any more, and the split brain is not over.
    CHECK(refresh("") == Change::made);
    CHECK(stage.shown() == "split-brain with bob");
    CHECK(refresh("bob: StandAlone") == Change::none);
    stage.heal();
    CHECK(refresh("") == Change::made);
    CHECK_FALSE(stage.shown().has_value());
    CHECK_FALSE(stage.node.files.exists("/run/resource-agents/san-drbd-r0"));
}

TEST_CASE("alarm: blocks that differ do not show in states") {
    Stage stage;
    stage.raise("out-of-sync", "out-of-sync with bob");
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.shown() == "out-of-sync with bob");
    stage.split();
    stage.heal();
    CHECK(stage.refresh() == Change::made);
    CHECK(stage.shown() == "out-of-sync with bob");
    CHECK(stage.clear() == Change::made);
    CHECK_FALSE(stage.shown().has_value());
}

TEST_CASE("alarm: clear needs no alarm, no resource and no module") {
    Stage stage;
    CHECK(stage.clear() == Change::none);
    stage.split();
    stage.node.drbd.resources.clear();
    CHECK(stage.refresh() == Change::none);
    CHECK(stage.shown().has_value());
    stage.node.drbd.module_loaded = false;
    CHECK(stage.clear() == Change::made);
    CHECK_FALSE(stage.shown().has_value());
    CHECK_FALSE(stage.node.files.exists("/run/resource-agents/san-drbd-r0"));
}

TEST_CASE("alarm: one that comes while others are cleared stays") {
    Stage stage;
    stage.split();
    stage.heal();
    // Between the monitor's look and its message to the cluster.
    bool once = true;
    stage.node.attributes.before = [&] {
        if (std::exchange(once, false)) stage.raise("io-error", "io-error of volume 0");
    };
    CHECK(stage.refresh() == Change::made);
    CHECK(stage.shown() == "io-error of volume 0");
}

TEST_CASE("alarm: a name cannot leave its directory") {
    Stage stage;
    stage.name = Replica_name::parse("a/../../b");
    replica_alarm::raise(*find_replica_event("pri-lost"), "pri-lost", stage.name, stage.node.system,
                         Stage::soon());
    CHECK(stage.node.files.names("/run/resource-agents") ==
          std::vector<std::string>{"san-drbd-a_.._.._b"});
}

TEST_CASE("healthy: all data good and everybody connected") {
    Stage stage;
    CHECK(replica_alarm::is_healthy(stage.r0()));
    const auto spoilt = [&](const auto& spoil) {
        auto resource = stage.r0();
        spoil(resource);
        return !replica_alarm::is_healthy(resource);
    };
    CHECK(spoilt([](auto& r) { r.suspended = true; }));
    CHECK(spoilt([](auto& r) { r.failing_io = true; }));
    CHECK(spoilt([](auto& r) { r.volumes.clear(); }));
    CHECK(spoilt([](auto& r) { r.peers.clear(); }));
    CHECK(spoilt([](auto& r) { r.volumes[0].disk = Disk::diskless; }));
    CHECK(spoilt([](auto& r) { r.volumes[0].has_quorum = false; }));
    CHECK(spoilt([](auto& r) { r.peers[0].connection = drbd::Connection::connecting; }));
    CHECK(spoilt([](auto& r) { r.peers[0].volumes[0].disk = Disk::inconsistent; }));
    auto with_client = stage.r0();
    with_client.peers.push_back({.connection = drbd::Connection::connected,
                                 .volumes = {{.disk = Disk::diskless, .client = true}}});
    CHECK(replica_alarm::is_healthy(with_client));
}
