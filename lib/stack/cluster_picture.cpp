// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/cluster_picture.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "cluster/cib_elements.hpp"

namespace san::stack {

namespace {

using cluster::below;
using cluster::each_child;
using cluster::Element;
using cluster::is;
using cluster::value_of;

bool says(const Element& element, const char* name) { return value_of(element, name) == "true"; }

Instance_seen instance(const Element& element, const std::vector<std::string>& within) {
    Instance_seen seen{.id = value_of(element, "id"),
                       .agent = value_of(element, "resource_agent"),
                       .role = value_of(element, "role"),
                       .within = within,
                       .active = says(element, "active"),
                       .orphaned = says(element, "orphaned"),
                       .blocked = says(element, "blocked"),
                       .managed = says(element, "managed"),
                       .failed = says(element, "failed"),
                       .pending = value_of(element, "pending")};
    // Of configurations from before 2.1.0.
    if (seen.role == "Master") seen.role = "Promoted";
    if (seen.role == "Slave") seen.role = "Unpromoted";
    each_child(&element, [&](const Element& node) {
        if (is(node, "node")) seen.nodes.push_back(value_of(node, "name"));
    });
    return seen;
}

void read_resources(const Element* parent, std::vector<std::string> within,
                    std::vector<Instance_seen>& into) {
    each_child(parent, [&](const Element& child) {
        if (is(child, "resource")) {
            into.push_back(instance(child, within));
            return;
        }
        auto deeper = within;
        // The group of a clone is "g:0".
        if (const auto id = value_of(child, "id"); !id.empty())
            deeper.push_back(id.substr(0, id.find(':')));
        read_resources(&child, deeper, into);
    });
}

/// What went wrong is in the document as well.
std::string complaint(const Outcome& outcome) {
    tinyxml2::XMLDocument document;
    const bool is_xml =
        document.Parse(outcome.out.data(), outcome.out.size()) == tinyxml2::XML_SUCCESS;
    const auto* error =
        is_xml ? below(document.RootElement(), {"status", "errors", "error"}) : nullptr;
    return error && error->GetText() ? error->GetText() : outcome.complaint();
}

}  // namespace

const Node_seen* Cluster_picture::find_node(const std::string& name) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const Node_seen& node) { return node.name == name; });
    return found == nodes.end() ? nullptr : &*found;
}

Places places(const Cluster_picture& picture) {
    Places all;
    for (const auto& instance : picture.instances)
        for (const auto& node : instance.nodes) all[instance.id + "@" + node] = instance.role;
    return all;
}

Cluster_picture read_picture(const std::string& xml) {
    tinyxml2::XMLDocument document;
    if (document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS)
        throw Error{Kind::failed, std::string{"crm_mon printed no XML: "} + document.ErrorStr()};
    const auto* root = document.RootElement();
    // Pacemaker 2.0's own document was <crm_mon>, and names less.
    const auto* summary =
        root && is(*root, "pacemaker-result") ? below(root, {"summary"}) : nullptr;
    if (!summary) throw Error{Kind::failed, "crm_mon printed no status of a cluster"};
    Cluster_picture picture;
    if (const auto* leader = below(summary, {"current_dc"}); leader && says(*leader, "present")) {
        picture.leader = value_of(*leader, "name");
        picture.has_quorum = says(*leader, "with_quorum");
    }
    if (const auto* options = below(summary, {"cluster_options"})) {
        picture.in_maintenance = says(*options, "maintenance-mode");
        picture.fences = says(*options, "stonith-enabled");
    }
    each_child(below(root, {"nodes"}), [&](const Element& node) {
        picture.nodes.push_back({.name = value_of(node, "name"),
                                 .online = says(node, "online"),
                                 .standby = says(node, "standby") || says(node, "standby_onfail"),
                                 .maintenance = says(node, "maintenance"),
                                 .pending = says(node, "pending"),
                                 .unclean = says(node, "unclean"),
                                 .leads = says(node, "is_dc"),
                                 .is_remote = value_of(node, "type") == "remote"});
    });
    read_resources(below(root, {"resources"}), {}, picture.instances);
    each_child(below(root, {"failures"}), [&](const Element& failure) {
        auto reason = value_of(failure, "exitreason");
        if (reason == "none") reason.clear();
        const auto key = value_of(failure, "op_key");
        picture.failures.push_back({.operation = key.empty() ? value_of(failure, "id") : key,
                                    .node = value_of(failure, "node"),
                                    .result = value_of(failure, "exitstatus"),
                                    .reason = reason});
    });
    each_child(below(root, {"bans"}), [&](const Element& ban) {
        picture.bans.push_back({.id = value_of(ban, "id"),
                                .resource = value_of(ban, "resource"),
                                .node = value_of(ban, "node"),
                                .promoted_only = says(ban, "promoted-only")});
    });
    each_child(below(root, {"fence_history"}), [&](const Element& event) {
        picture.fencings.push_back({.target = value_of(event, "target"),
                                    .action = value_of(event, "action"),
                                    .status = value_of(event, "status")});
    });
    each_child(below(root, {"node_attributes"}), [&](const Element& node) {
        each_child(&node, [&](const Element& attribute) {
            picture.attributes[value_of(node, "name")][value_of(attribute, "name")] =
                value_of(attribute, "value");
        });
    });
    return picture;
}

Cluster_picture look(Commands& commands, const Deadline& deadline) {
    const auto outcome = commands.run({"crm_mon", "-1", "--inactive", "--output-as=xml"}, deadline);
    if (!outcome.ok()) throw Error{Kind::failed, "crm_mon: " + complaint(outcome)};
    return read_picture(outcome.out);
}

}  // namespace san::stack
