// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_nodes.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::cluster {

namespace {

constexpr auto node_name = "#uname";

/// A host that the cluster does not know keeps the name that DRBD has for it.
std::string in_cluster(const Cib_document& cib, const std::string& host) {
    if (auto name = cib.find_node(host)) return *name;
    log::warning("the cluster has no node called ", host);
    return host;
}

void add(Fence_nodes& nodes, const Cib_document& cib, const Fence_request& request,
         const Constraint_names& names, const std::string& node, std::optional<unsigned> id) {
    auto allowed = rule_name(cib, node, request.options.attribute);
    allowed.id = names.allowed_id(id);
    nodes.wanted.allowed.push_back(allowed);
}

void sort_by_mask(Fence_nodes& nodes, const Cib_document& cib, const Fence_request& request,
                  const Constraint_names& names) {
    const auto& nine = *request.nine;
    if (!nine.has_good_data(nine.own_id))
        throw Error{Kind::misconfigured, "UP_TO_DATE_NODES does not have our own node id " +
                                             std::to_string(nine.own_id) +
                                             ": our data is not known to be good"};
    auto hosts = request.hosts;
    hosts[nine.own_id] = nodes.own;
    for (const auto& [id, host] : hosts) {
        const auto name = id == nine.own_id ? nodes.own : in_cluster(cib, host);
        if (nine.has_good_data(id))
            add(nodes, cib, request, names, name, id);
        else
            nodes.excluded.emplace_back(name);
    }
}

void take_peers(Fence_nodes& nodes, const Cib_document& cib, const Fence_request& request) {
    for (const auto& host : request.peers)
        if (auto name = in_cluster(cib, host); name != nodes.own) nodes.excluded.emplace_back(name);
    if (!nodes.excluded.empty()) return;
    // Nobody says who it is; where there is only one other node it is that one.
    auto others = cib.nodes();
    std::erase(others, nodes.own);
    nodes.excluded.push_back(others.size() == 1 ? std::optional{others.front()} : std::nullopt);
}

}  // namespace

Allowed rule_name(const Cib_document& cib, const std::string& node, const std::string& attribute) {
    if (attribute != node_name)
        if (const auto value = cib.find_attribute(node, attribute))
            return {.attribute = attribute, .value = *value};
    return {.attribute = node_name, .value = node};
}

bool allows_node(const Cib_document& cib, const Constraint& constraint, const std::string& node) {
    return std::any_of(constraint.allowed.begin(), constraint.allowed.end(), [&](const auto& each) {
        if (each.attribute == node_name) return each.same({node_name, node});
        const auto value = cib.find_attribute(node, each.attribute);
        return value && each.same({each.attribute, *value});
    });
}

Fence_nodes fence_nodes(const Fence_request& request, const Cib_document& cib,
                        const std::string& own, const std::string& clone) {
    const Constraint_names names{
        .prefix = Constraint_names::complete(request.options.prefix, request.resource),
        .clone = clone};
    Fence_nodes nodes{.own = own,
                      .wanted = {.id = names.id(),
                                 .clone = clone,
                                 .rule_id = names.rule_id(),
                                 .role = request.options.role}};
    if (request.nine) {
        sort_by_mask(nodes, cib, request, names);
    } else {
        add(nodes, cib, request, names, own, {});
        take_peers(nodes, cib, request);
    }
    return nodes;
}

Constraint stricter(const Cib_document& cib, Constraint constraint,
                    const std::vector<std::optional<std::string>>& excluded) {
    for (const auto& node : excluded) {
        if (!node) continue;
        std::erase_if(constraint.allowed, [&](const Allowed& each) {
            Constraint alone;
            alone.allowed = {each};
            return allows_node(cib, alone, *node);
        });
    }
    return constraint;
}

Constraint wider(Constraint constraint, const std::vector<Allowed>& more) {
    for (const auto& each : more)
        if (!constraint.allows(each)) constraint.allowed.push_back(each);
    return constraint;
}

}  // namespace san::cluster
