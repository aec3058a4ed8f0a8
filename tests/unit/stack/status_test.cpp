// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/status.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/error.hpp"
#include "stack/status_sources.hpp"
#include "support/catch.hpp"
#include "support/source_directory.hpp"

using namespace san;
using namespace san::stack;

namespace {

constexpr std::uint64_t gib = 1ULL << 30U;
const std::string iqn = "iqn.2026-01.org.example:san.lun1";

Replica_status replica(const std::string& role, const std::string& peer,
                       const std::string& peer_role) {
    return {.resource = "r0",
            .role = role,
            .disk = "UpToDate",
            .size = 10 * gib,
            .peers = {{.node = peer,
                       .connection = "Connected",
                       .role = peer_role,
                       .disk = "UpToDate",
                       .replication = "Established"}}};
}

Instance_seen runs(const std::string& id, const std::string& role, const std::string& node) {
    return {.id = id, .agent = "ocf:san:x", .role = role, .nodes = {node}, .active = true};
}

/// Two nodes, the storage on alice.
Status healthy() {
    Cluster_picture cluster;
    cluster.leader = "alice";
    cluster.has_quorum = cluster.fences = true;
    cluster.nodes = {{.name = "alice", .online = true, .leads = true},
                     {.name = "bob", .online = true}};
    cluster.instances = {
        runs("p_drbd_san", "Promoted", "alice"), runs("p_drbd_san", "Unpromoted", "bob"),
        runs("p_lvm_san", "Started", "alice"), runs("p_lu_san_1", "Started", "alice")};
    Node_status alice{
        .name = "alice",
        .replicas = {replica("Primary", "bob", "Secondary")},
        .groups = {{.name = "vg_san", .volumes = 1}},
        .targets = {{.name = iqn,
                     .by = "LIO",
                     .portals = {"0.0.0.0:3260"},
                     .units = {{.number = 1, .device = "/dev/vg_san/lun1", .size = 5 * gib}},
                     .sessions = {{.initiator = "iqn.2026-01.com.example:host1",
                                   .address = "192.0.2.20"},
                                  {.initiator = "iqn.2026-01.com.example:host1",
                                   .address = "198.51.100.20"},
                                  {.initiator = "iqn.2026-01.com.example:host2"}}}},
        .addresses = {{.address = "192.0.2.11/24", .link = "eth2"},
                      {.address = "192.0.2.100/24", .link = "eth2"}}};
    Node_status bob{.name = "bob",
                    .replicas = {replica("Secondary", "alice", "Primary")},
                    .addresses = {{.address = "192.0.2.12/24", .link = "eth2"}}};
    return {.cluster = cluster,
            .nodes = {{.name = "alice", .status = alice}, {.name = "bob", .status = bob}},
            .service_addresses = {"192.0.2.100"}};
}

Node_status& alice(Status& status) { return *status.nodes[0].status; }
Node_status& bob(Status& status) { return *status.nodes[1].status; }

Status resync() {
    auto status = healthy();
    auto& source = alice(status).replicas[0].peers[0];
    source.disk = "Inconsistent";
    source.replication = "SyncSource";
    source.behind = 3 * gib;
    source.total = 4 * gib;
    source.rate = 100ULL << 20U;
    auto& target = bob(status).replicas[0];
    target.disk = "Inconsistent";
    target.peers[0].replication = "SyncTarget";
    target.peers[0].behind = 3 * gib;
    target.peers[0].total = 4 * gib;
    return status;
}

Status split_brain() {
    auto status = healthy();
    for (auto* node : {&alice(status), &bob(status)}) {
        auto& peer = node->replicas[0].peers[0];
        peer.connection = "StandAlone";
        peer.role = peer.disk = "Unknown";
        peer.replication = "Off";
    }
    return status;
}

Status failed_unit() {
    auto status = healthy();
    alice(status).targets[0].units[0].usable = false;
    alice(status).targets[0].sessions.clear();
    status.cluster->instances[3].failed = true;
    status.cluster->failures = {{.operation = "p_lu_san_1_monitor_10000",
                                 .node = "alice",
                                 .result = "error",
                                 .reason = "device dm-0 answers with errors"}};
    return status;
}

Status node_lost() {
    auto status = split_brain();
    status.cluster->nodes[1] = {.name = "bob", .unclean = true};
    status.cluster->fencings = {{.target = "bob", .action = "reboot", .status = "pending"}};
    auto& peer = alice(status).replicas[0].peers[0];
    peer.connection = "Connecting";
    alice(status).replicas[0].trouble = "its I/O is suspended: the peer is being fenced";
    status.nodes[1] = {.name = "bob", .status = {}, .not_asked = "offline"};
    status.cluster->instances.erase(status.cluster->instances.begin() + 1);
    return status;
}

Status blocked() {
    auto status = healthy();
    status.cluster->in_maintenance = true;
    status.cluster->fences = false;
    status.cluster->nodes[1].standby = true;
    status.cluster->bans = {{.id = "drbd-fence-by-handler-r0-ms_drbd_san",
                             .resource = "ms_drbd_san",
                             .node = "bob",
                             .promoted_only = true},
                            {.id = "cli-ban-g_san-on-bob", .resource = "g_san", .node = "bob"}};
    status.nodes[1] = {.name = "bob", .status = {}, .not_asked = "ssh: Connection timed out"};
    return status;
}

Status no_cluster() {
    auto status = healthy();
    status.cluster.reset();
    status.no_cluster = "crm_mon: Could not connect";
    status.nodes.pop_back();
    alice(status).gaps = {"LIO: time is up while waiting for LIO"};
    return status;
}

void check_golden(const std::string& name, const std::string& said) {
    const auto path = test::source_directory() + "/tests/data/status/" + name;
    if (std::getenv("SAN_UPDATE_GOLDEN") != nullptr) std::ofstream{path} << said;
    std::ostringstream expected;
    expected << std::ifstream{path}.rdbuf();
    INFO(path << "; SAN_UPDATE_GOLDEN=1 accepts the new text");
    CHECK(said == expected.str());
}

}  // namespace

TEST_CASE("status: what people read in each situation") {
    const std::pair<const char*, Status> situations[] = {
        {"healthy", healthy()},         {"resync", resync()},       {"split-brain", split_brain()},
        {"failed-unit", failed_unit()}, {"node-lost", node_lost()}, {"blocked", blocked()},
        {"no-cluster", no_cluster()}};
    for (const auto& [name, status] : situations)
        check_golden(std::string{name} + ".txt", render(status, {}));
    check_golden("healthy.json", to_json(healthy()));
}

TEST_CASE("status: the exit status goes with the first line") {
    CHECK(assess(healthy()).health == Health::whole);
    CHECK(assess(resync()).health == Health::degraded);
    CHECK(assess(split_brain()).health == Health::degraded);
    CHECK(assess(failed_unit()).health == Health::failed);
    CHECK(assess(node_lost()).health == Health::failed);
    CHECK(assess(blocked()).health == Health::degraded);
    CHECK(assess(no_cluster()).health == Health::failed);
}

TEST_CASE("status: each thing that is wrong by itself makes it less than whole") {
    const std::pair<const char*, std::function<void(Status&)>> faults[] = {
        {"no DC", [](Status& all) { all.cluster->leader.reset(); }},
        {"no quorum", [](Status& all) { all.cluster->has_quorum = false; }},
        {"maintenance", [](Status& all) { all.cluster->in_maintenance = true; }},
        {"no fencing", [](Status& all) { all.cluster->fences = false; }},
        {"a node in standby", [](Status& all) { all.cluster->nodes[1].standby = true; }},
        {"a node offline", [](Status& all) { all.cluster->nodes[1].online = false; }},
        {"a node that joins", [](Status& all) { all.cluster->nodes[1].pending = true; }},
        {"a node to be fenced", [](Status& all) { all.cluster->nodes[1].unclean = true; }},
        {"a node in maintenance", [](Status& all) { all.cluster->nodes[1].maintenance = true; }},
        {"a failed resource", [](Status& all) { all.cluster->instances[2].failed = true; }},
        {"a blocked resource", [](Status& all) { all.cluster->instances[2].blocked = true; }},
        {"an unmanaged resource", [](Status& all) { all.cluster->instances[2].managed = false; }},
        {"a stopped resource", [](Status& all) { all.cluster->instances[2].active = false; }},
        {"an orphan", [](Status& all) { all.cluster->instances[2].orphaned = true; }},
        {"a failed action", [](Status& all) { all.cluster->failures.push_back({}); }},
        {"failed fencing",
         [](Status& all) { all.cluster->fencings = {{.target = "bob", .status = "failed"}}; }},
        {"an old disk", [](Status& all) { bob(all).replicas[0].disk = "Outdated"; }},
        {"blocks that differ", [](Status& all) { bob(all).replicas[0].peers[0].behind = 4096; }},
        {"a connection",
         [](Status& all) { bob(all).replicas[0].peers[0].connection = "Connecting"; }},
        {"suspended I/O", [](Status& all) { alice(all).replicas[0].trouble = "no quorum"; }},
        {"a suspended volume", [](Status& all) { alice(all).groups[0].suspended = {"vg-lv"}; }},
        {"a disabled target", [](Status& all) { alice(all).targets[0].enabled = false; }},
        {"a gap", [](Status& all) { bob(all).gaps = {"LIO: hangs"}; }},
        {"an address without its link",
         [](Status& all) { alice(all).addresses[1].usable = false; }},
        {"two primaries", [](Status& all) { bob(all).replicas[0].role = "Primary"; }},
        {"an address twice",
         [](Status& all) { bob(all).addresses.push_back(alice(all).addresses[1]); }},
        {"a node that was not asked",
         [](Status& all) { all.nodes[1] = {.name = "bob", .status = {}, .not_asked = "x"}; }}};
    for (const auto& [name, spoil] : faults) {
        INFO(name);
        auto status = healthy();
        spoil(status);
        CHECK(assess(status).health != Health::whole);
    }
}

TEST_CASE("status: another node's answer is what it said, and nothing else is taken for one") {
    auto status = resync();
    const auto& said = alice(status);
    const auto text = to_json({.nodes = {{.name = "alice", .status = said}}});
    const auto heard = node_from_json(text);
    CHECK(to_json({.nodes = {{.name = "alice", .status = heard}}}) == text);
    CHECK(heard.replicas[0].peers[0].rate == said.replicas[0].peers[0].rate);
    for (const auto* wrong : {"", "{}", "[]", "{\"nodes\":[]}", "{\"nodes\":[{\"name\":1}]}",
                              "{\"nodes\":[{\"name\":\"a\",\"replicas\":7}]}"})
        CHECK_THROWS_AS(node_from_json(wrong), Error);
}

TEST_CASE("status: names from the network cannot move the cursor, and lines can be cut") {
    auto status = healthy();
    alice(status).targets[0].sessions[0].initiator = "iqn.x\x1b[2J\nWhole";
    const auto text = render(status, {});
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("\nWhole") == std::string::npos);
    std::istringstream lines{render(status, {.width = 40})};
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 40);
    CHECK(render(healthy(), {.coloured = true}).starts_with("\x1b[32mWhole"));
}

TEST_CASE("status: a node by itself is judged without the cluster") {
    auto status = healthy();
    status.cluster.reset();
    status.nodes.pop_back();
    CHECK(assess(status).health == Health::whole);
    CHECK(render(status, {}).starts_with("Nothing wrong is seen here; the cluster was not asked."));
    alice(status).replicas[0].disk = "Failed";
    CHECK(assess(status).health == Health::degraded);
}

TEST_CASE("status: sizes and spans have few digits") {
    CHECK(bytes_text(0) == "0 B");
    CHECK(bytes_text(999) == "999 B");
    CHECK(bytes_text(1000) == "0.98 KiB");
    CHECK(bytes_text(1536) == "1.5 KiB");
    CHECK(bytes_text(10 * gib) == "10 GiB");
    CHECK(bytes_text(1023 * gib) == "1 TiB");
    CHECK(bytes_text(~0ULL) == "16 EiB");
    CHECK(span_text(59) == "59 s");
    CHECK(span_text(3599) == "59 min");
    CHECK(span_text(3600 * 25 + 60) == "25 h 1 min");
}

TEST_CASE("status: the addresses that matter are those of the cluster's resources") {
    const std::string cib =
        "<cib><configuration><crm_config/><nodes/><resources><primitive id=\"a\" class=\"ocf\" "
        "provider=\"heartbeat\" type=\"IPaddr2\"><instance_attributes id=\"i\"><nvpair id=\"n\" "
        "name=\"ip\" value=\"192.0.2.1\"/></instance_attributes></primitive><primitive id=\"b\" "
        "class=\"ocf\" provider=\"san\" type=\"drbd\"/></resources><constraints/></configuration>"
        "</cib>";
    CHECK(service_addresses(cib) == std::vector<std::string>{"192.0.2.1"});
}
