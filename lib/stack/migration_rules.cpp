// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/migration_rules.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_elements.hpp"

namespace san::stack {

namespace {

using cluster::each_child;
using cluster::Element;
using cluster::is;
using cluster::value_of;

std::string without_instance(const std::string& id) { return id.substr(0, id.find(':')); }

std::set<std::string> primitives(const std::vector<Provider_change>& changes) {
    std::set<std::string> all;
    for (const auto& change : changes)
        all.insert(change.primitives.begin(), change.primitives.end());
    return all;
}

std::string ports(const Cib_copy& cib, const std::string& id) {
    const auto all = cib.parameters(id);
    std::string key;
    for (const auto* name : {"protocol", "portno", "ip", "direction"}) {
        const auto found = all.find(name);
        key += (found == all.end() ? "" : found->second) + " ";
    }
    return key;
}

}  // namespace

std::string resource_of(const std::string& operation_key) {
    auto rest = operation_key.substr(0, operation_key.rfind('_'));
    const auto at = rest.rfind('_');
    if (at == std::string::npos) return rest;
    const auto action = rest.substr(at + 1);
    rest.resize(at);
    // The only actions with an underscore.
    if ((action == "to" || action == "from") && rest.ends_with("_migrate"))
        rest.resize(rest.size() - std::string_view{"_migrate"}.size());
    return rest;
}

std::vector<std::string> unrest(const std::vector<Provider_change>& changes,
                                const Cluster_picture& picture) {
    std::vector<std::string> found;
    if (!picture.leader) found.emplace_back("the cluster has no DC");
    if (picture.leader && !picture.has_quorum) found.emplace_back("the cluster has no quorum");
    for (const auto& node : picture.nodes) {
        if (node.unclean) found.push_back(node.name + " has to be fenced");
        if (node.pending) found.push_back(node.name + " is joining the cluster");
    }
    const auto changed = primitives(changes);
    for (const auto& seen : picture.instances) {
        if (!seen.pending.empty())
            found.push_back(seen.id + ": " + text::lower(seen.pending) + " is under way");
        if (!changed.contains(without_instance(seen.id))) continue;
        const auto where = seen.nodes.empty() ? "" : " on " + text::joined(seen.nodes, ", ");
        if (seen.failed) found.push_back(seen.id + " has failed" + where);
        if (seen.blocked) found.push_back(seen.id + " is blocked" + where);
        if (seen.orphaned) found.push_back(seen.id + " is no longer configured, and runs" + where);
        if (!seen.managed && !picture.in_maintenance)
            found.push_back(seen.id + " is unmanaged" + where);
        if (seen.nodes.size() > 1) found.push_back(seen.id + " runs more than once:" + where);
    }
    for (const auto& failure : picture.failures)
        if (changed.contains(without_instance(resource_of(failure.operation))))
            found.push_back(failure.operation + " failed on " + failure.node +
                            (failure.reason.empty() ? "" : ": " + failure.reason) +
                            "; crm_resource --cleanup forgets it");
    return found;
}

std::vector<std::string> separations(const std::vector<Provider_change>& changes,
                                     const Cib_copy& cib) {
    const auto changed = primitives(changes);
    std::map<std::string, std::string> left;
    const auto all = cib.agents();
    const auto type = [&](const Agent_element& element) {
        for (const auto& model : all)
            if (!element.made_by.empty() && model.id == element.made_by) return model.type;
        return element.type;
    };
    for (const auto& element : all)
        if (!element.is_template && type(element) == "portblock" && !changed.contains(element.id))
            left.emplace(ports(cib, element.id), element.id);
    std::vector<std::string> found;
    for (const auto& change : changes)
        for (const auto& id : change.primitives) {
            const auto partner = left.find(ports(cib, id));
            if (change.type == "portblock" && partner != left.end())
                found.push_back(id + " and " + partner->second +
                                " are about the same ports: they have to change together");
        }
    if (cib.section("constraints").find("resource-discovery=") != std::string::npos)
        found.emplace_back("a constraint sets resource-discovery: not every node would answer");
    return found;
}

std::vector<std::string> unknown_parameters(const Cib_copy& cib, const std::string& primitive,
                                            const std::string& metadata) {
    tinyxml2::XMLDocument document;
    const bool is_xml = document.Parse(metadata.data(), metadata.size()) == tinyxml2::XML_SUCCESS;
    const auto* root = is_xml ? document.RootElement() : nullptr;
    if (!root || !is(*root, "resource-agent"))
        throw Error{Kind::failed, "the metadata of " + primitive + "'s new agent is unreadable"};
    std::set<std::string> known;
    each_child(cluster::below(root, {"parameters"}),
               [&](const Element& parameter) { known.insert(value_of(parameter, "name")); });
    std::vector<std::string> found;
    for (const auto& [name, value] : cib.parameters(primitive))
        if (!known.contains(name) && std::find(found.begin(), found.end(), name) == found.end())
            found.push_back(name);
    return found;
}

bool is_answered(const std::string& cib, const std::vector<std::string>& tops) {
    tinyxml2::XMLDocument document;
    if (document.Parse(cib.data(), cib.size()) != tinyxml2::XML_SUCCESS)
        throw Error{Kind::failed, "the cluster's CIB is no XML"};
    std::set<std::string> wanted;
    for (const auto& element : Cib_copy{cib}.agents()) {
        const auto& top = element.within.empty() ? element.id : element.within.front();
        if (!element.is_template && std::find(tops.begin(), tops.end(), top) != tops.end())
            wanted.insert(element.id);
    }
    bool answered = true;
    each_child(cluster::below(document.RootElement(), {"status"}), [&](const Element& node) {
        const auto there = value_of(node, "crmd");
        if (there.empty() || there == "offline" || there == "0") return;
        std::set<std::string> known;
        each_child(cluster::below(&node, {"lrm", "lrm_resources"}), [&](const Element& resource) {
            each_child(&resource, [&](const Element& operation) {
                if (value_of(operation, "op-status") == "-1")
                    answered = false;
                else
                    known.insert(without_instance(value_of(resource, "id")));
            });
        });
        answered &= std::includes(known.begin(), known.end(), wanted.begin(), wanted.end());
    });
    return answered;
}

std::vector<std::string> differences(const Places& before, const Places& now) {
    std::vector<std::string> found;
    const auto told = [](const std::string& place) {
        const auto at = place.rfind('@');
        return place.substr(0, at) + " on " + place.substr(at + 1);
    };
    for (const auto& [place, role] : before) {
        const auto same = now.find(place);
        if (same == now.end())
            found.push_back(told(place) + " was " + role + " and is seen as stopped");
        else if (same->second != role)
            found.push_back(told(place) + " was " + role + " and is seen as " + same->second);
    }
    for (const auto& [place, role] : now)
        if (!before.contains(place))
            found.push_back(told(place) + " did not run and is seen as " + role);
    return found;
}

std::vector<std::string> planned_actions(const std::string& simulation) {
    tinyxml2::XMLDocument document;
    const bool is_xml =
        document.Parse(simulation.data(), simulation.size()) == tinyxml2::XML_SUCCESS;
    const auto* actions = is_xml ? cluster::below(document.RootElement(), {"actions"}) : nullptr;
    // Without it nobody knows what would happen.
    if (!actions) throw Error{Kind::failed, "crm_simulate printed no actions"};
    std::vector<std::string> found;
    each_child(actions, [&](const Element& action) {
        auto what = value_of(action, "action");
        if (what.empty()) what = value_of(action, "task");
        std::string subject = value_of(action, "resource");
        if (subject.empty()) subject = value_of(action, "node");
        found.push_back(text::lower(what) + " " + subject);
    });
    return found;
}

}  // namespace san::stack
