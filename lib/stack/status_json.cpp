// SPDX-License-Identifier: GPL-2.0-or-later
// A status as JSON, for programs and for the same program on another node.
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "stack/status.hpp"

namespace san::stack {

namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json list(const std::vector<Value>& values, Json (*one)(const Value&)) {
    auto all = Json::array();
    for (const auto& value : values) all.push_back(one(value));
    return all;
}

template <class Value>
std::vector<Value> values(const Json& parent, const char* name, Value (*one)(const Json&)) {
    std::vector<Value> all;
    for (const auto& each : parent.at(name)) all.push_back(one(each));
    return all;
}

Json from_peer(const Peer_status& peer) {
    Json object{{"node", peer.node},
                {"connection", peer.connection},
                {"role", peer.role},
                {"disk", peer.disk},
                {"replication", peer.replication},
                {"behind_bytes", peer.behind},
                {"resync_bytes", peer.total},
                {"paused", peer.paused}};
    if (peer.rate) object["bytes_per_second"] = *peer.rate;
    return object;
}

Peer_status to_peer(const Json& json) {
    Peer_status peer{.node = json.at("node"),
                     .connection = json.at("connection"),
                     .role = json.at("role"),
                     .disk = json.at("disk"),
                     .replication = json.at("replication"),
                     .behind = json.at("behind_bytes"),
                     .total = json.at("resync_bytes"),
                     .paused = json.at("paused")};
    if (json.contains("bytes_per_second"))
        peer.rate = json.at("bytes_per_second").get<std::uint64_t>();
    return peer;
}

Json from_replica(const Replica_status& replica) {
    return {{"resource", replica.resource}, {"volume", replica.volume},
            {"minor", replica.minor},       {"role", replica.role},
            {"disk", replica.disk},         {"bytes", replica.size},
            {"trouble", replica.trouble},   {"peers", list(replica.peers, from_peer)}};
}

Replica_status to_replica(const Json& json) {
    return {.resource = json.at("resource"),
            .volume = json.at("volume"),
            .minor = json.at("minor"),
            .role = json.at("role"),
            .disk = json.at("disk"),
            .size = json.at("bytes"),
            .trouble = json.at("trouble"),
            .peers = values(json, "peers", to_peer)};
}

Json from_group(const Group_status& group) {
    return {{"name", group.name}, {"volumes", group.volumes}, {"suspended", group.suspended}};
}

Group_status to_group(const Json& json) {
    return {.name = json.at("name"),
            .volumes = json.at("volumes"),
            .suspended = json.at("suspended").get<std::vector<std::string>>()};
}

Json from_unit(const Unit_status& unit) {
    return {{"number", unit.number},
            {"device", unit.device},
            {"bytes", unit.size},
            {"usable", unit.usable}};
}

Unit_status to_unit(const Json& json) {
    return {.number = json.at("number"),
            .device = json.at("device"),
            .size = json.at("bytes"),
            .usable = json.at("usable")};
}

Json from_session(const Session_status& session) {
    return {{"initiator", session.initiator}, {"address", session.address}};
}

Session_status to_session(const Json& json) {
    return {.initiator = json.at("initiator"), .address = json.at("address")};
}

Json from_target(const Target_status& target) {
    return {{"name", target.name},
            {"by", target.by},
            {"enabled", target.enabled},
            {"portals", target.portals},
            {"units", list(target.units, from_unit)},
            {"sessions", list(target.sessions, from_session)}};
}

Target_status to_target(const Json& json) {
    return {.name = json.at("name"),
            .by = json.at("by"),
            .enabled = json.at("enabled"),
            .portals = json.at("portals").get<std::vector<std::string>>(),
            .units = values(json, "units", to_unit),
            .sessions = values(json, "sessions", to_session)};
}

Json from_address(const Address_status& address) {
    return {{"address", address.address}, {"link", address.link}, {"usable", address.usable}};
}

Address_status to_address(const Json& json) {
    return {.address = json.at("address"), .link = json.at("link"), .usable = json.at("usable")};
}

Json from_node(const Node_report& node) {
    Json object{{"name", node.name}};
    if (!node.status) {
        object["not_asked"] = node.not_asked;
        return object;
    }
    object["replicas"] = list(node.status->replicas, from_replica);
    object["volume_groups"] = list(node.status->groups, from_group);
    object["targets"] = list(node.status->targets, from_target);
    object["addresses"] = list(node.status->addresses, from_address);
    object["gaps"] = node.status->gaps;
    return object;
}

Json from_instance(const Instance_seen& seen) {
    return {{"id", seen.id},          {"agent", seen.agent},     {"role", seen.role},
            {"nodes", seen.nodes},    {"managed", seen.managed}, {"failed", seen.failed},
            {"blocked", seen.blocked}};
}

const char* word(Health health) {
    switch (health) {
        case Health::whole:
            return "whole";
        case Health::degraded:
            return "degraded";
        case Health::failed:
            break;
    }
    return "failed";
}

}  // namespace

std::string to_json(const Status& status) {
    Json all;
    if (status.cluster) {
        const auto found = assess(status);
        all["health"] = word(found.health);
        all["summary"] = found.sentence;
        all["failed"] = found.failed;
        all["blocking"] = found.blocking;
        all["degraded"] = found.degraded;
        all["cluster"] = {{"dc", status.cluster->leader.value_or("")},
                          {"quorum", status.cluster->has_quorum},
                          {"maintenance", status.cluster->in_maintenance},
                          {"fencing", status.cluster->fences},
                          {"resources", list(status.cluster->instances, from_instance)}};
    } else if (!status.no_cluster.empty()) {
        all["no_cluster"] = status.no_cluster;
    }
    all["nodes"] = list(status.nodes, from_node);
    // Names that come over the network may be no UTF-8.
    return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Node_status node_from_json(const std::string& text) try {
    const auto all = Json::parse(text);
    const auto& node = all.at("nodes").at(0);
    return {.name = node.at("name"),
            .replicas = values(node, "replicas", to_replica),
            .groups = values(node, "volume_groups", to_group),
            .targets = values(node, "targets", to_target),
            .addresses = values(node, "addresses", to_address),
            .gaps = node.at("gaps").get<std::vector<std::string>>()};
} catch (const nlohmann::json::exception& problem) {
    throw Error{Kind::failed, std::string{"an answer that is no status: "} + problem.what()};
}

}  // namespace san::stack
