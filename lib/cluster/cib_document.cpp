// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/cib_document.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <limits>
#include <tinyxml2.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_elements.hpp"

namespace san::cluster {

namespace {

/// Pacemaker's words for scores (Pacemaker Explained, "Scores"); a set without one has 0. Of
/// cluster options, the set with this id comes before all others
/// (pe__unpack_dataset_nvpairs, 2.1.5).
int score_of(const Element& set) {
    constexpr int infinity = 1'000'000;
    if (value_of(set, "id") == "cib-bootstrap-options") return std::numeric_limits<int>::max();
    const auto text = value_of(set, "score");
    if (text == "INFINITY" || text == "+INFINITY") return infinity;
    if (text == "-INFINITY") return -infinity;
    return text::number<int>(text).value_or(0);
}

/// The value of a name in sets of one kind: of those that have it, the set with the highest score
/// is in force, and the first one of equals. Rules are not looked at.
std::optional<std::string> find_in_sets(const Element& top, const Element& owner, const char* kind,
                                        const std::string& name) {
    std::optional<std::string> found;
    int best = 0;
    each_child(&owner, [&](const Element& child) {
        if (!is(child, kind)) return;
        const auto& set = resolved(top, child);
        const int score = score_of(set);
        if (found && score <= best) return;
        bool is_first = true;  // a name that is twice in one set: the first one
        each_child(&set, [&](const Element& entry) {
            if (!is_first || !is(entry, "nvpair")) return;
            const auto& pair = resolved(top, entry);
            // A reference may give the value another name.
            const auto given = value_of(entry, "name");
            if ((given.empty() ? value_of(pair, "name") : given) != name) return;
            found = value_of(pair, "value");
            best = score;
            is_first = false;
        });
    });
    return found;
}

/// "true", "online", or since feature set 3.18 (Pacemaker 2.1.7) the time since when; 0 is "not".
bool is_there(const std::string& value) {
    if (const auto since = text::number<long long>(value)) return *since > 0;
    return value == "true" || value == "online";
}

std::string first_label(const std::string& name) { return name.substr(0, name.find('.')); }

}  // namespace

struct Cib_document::Parsed {
    tinyxml2::XMLDocument document;
};

Cib_document::Cib_document(const std::string& xml) : parsed_{std::make_unique<Parsed>()} {
    if (parsed_->document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS)
        throw Error{Kind::failed,
                    std::string{"the cluster's CIB is no XML: "} + parsed_->document.ErrorStr()};
    if (!root() || !is(*root(), "cib")) throw Error{Kind::failed, "this is no CIB"};
}
Cib_document::Cib_document(Cib_document&&) noexcept = default;
Cib_document& Cib_document::operator=(Cib_document&&) noexcept = default;
Cib_document::~Cib_document() = default;

const Element* Cib_document::root() const { return parsed_->document.RootElement(); }

std::string Cib_document::this_version() const {
    std::string conditions;
    for (const auto* name : {"admin_epoch", "epoch", "num_updates"}) {
        const auto value = value_of(*root(), name);
        conditions += std::string{conditions.empty() ? "@" : " and @"} + name + "='" + value + "'";
    }
    return "/cib[" + conditions + "]";
}

bool Cib_document::has_quorum() const { return is_true(value_of(*root(), "have-quorum")); }

bool Cib_document::names_leader() const {
    const auto id = value_of(*root(), "dc-uuid");
    bool found = false;
    each_child(below(root(), {"configuration", "nodes"}),
               [&](const Element& node) { found |= !id.empty() && value_of(node, "id") == id; });
    return found;
}

std::vector<std::string> Cib_document::nodes() const {
    std::vector<std::string> names;
    each_child(below(root(), {"configuration", "nodes"}), [&](const Element& node) {
        // A ping node only answers pings.
        if (is(node, "node") && value_of(node, "type") != "ping")
            names.push_back(value_of(node, "uname"));
    });
    return names;
}

std::optional<std::string> Cib_document::find_node(const std::string& host) const {
    const auto wanted = text::lower(host);
    const auto all = nodes();
    for (const auto& name : all)
        if (text::lower(name) == wanted) return name;
    // "alice" and "alice.example.com"; two names with different domains are two hosts.
    std::vector<std::string> alike;
    for (const auto& name : all) {
        const auto lower = text::lower(name);
        const bool one_is_short =
            lower.find('.') == std::string::npos || wanted.find('.') == std::string::npos;
        if (one_is_short && first_label(lower) == first_label(wanted)) alike.push_back(name);
    }
    if (alike.size() == 1) return alike.front();
    return {};
}

std::optional<Node_state> Cib_document::find_state(const std::string& node) const {
    std::optional<Node_state> found;
    each_child(root()->FirstChildElement("status"), [&](const Element& each) {
        if (!is(each, "node_state") || value_of(each, "uname") != node) return;
        Node_state state;
        if (each.Attribute("in_ccm")) state.member = is_there(value_of(each, "in_ccm"));
        state.online = is_there(value_of(each, "crmd"));
        if (each.Attribute("expected")) state.expected = value_of(each, "expected");
        state.join = value_of(each, "join");
        state.dead = value_of(each, "ha") == "dead";
        found = state;
    });
    return found;
}

const Element* Cib_document::find_node_element(const std::string& node) const {
    const Element* found = nullptr;
    each_child(below(root(), {"configuration", "nodes"}), [&](const Element& each) {
        if (value_of(each, "uname") == node) found = &each;
    });
    return found;
}

std::optional<std::string> Cib_document::find_attribute(const std::string& node,
                                                        const std::string& name) const {
    const auto* element = find_node_element(node);
    if (!element) return {};
    return find_in_sets(*root(), *element, "instance_attributes", name);
}

Fencing_properties Cib_document::fencing() const {
    const auto* options = below(root(), {"configuration", "crm_config"});
    if (!options) return {};
    const auto property = [&](std::initializer_list<const char*> names) {
        for (const auto* name : names)
            if (auto value = find_in_sets(*root(), *options, "cluster_property_set", name))
                return value;
        return std::optional<std::string>{};
    };
    // 3.0.2 has a new name for the first; underscores are of the oldest configurations.
    return {.enabled =
                is_not_false(property({"fencing-enabled", "stonith-enabled", "stonith_enabled"})),
            .at_startup = is_not_false(property({"startup-fencing", "startup_fencing"}))};
}

std::optional<std::string> Cib_document::find_clone(const std::string& resource) const {
    const auto* resources = below(root(), {"configuration", "resources"});
    const auto is_of_resource = [&](const Element& primitive) {
        const auto in = [&](const Element& owner) {
            return find_in_sets(*root(), owner, "instance_attributes", "drbd_resource");
        };
        auto value = in(primitive);
        const auto model = value_of(primitive, "template");
        if (!value && !model.empty())
            each_child(resources, [&](const Element& each) {
                if (is(each, "template") && value_of(each, "id") == model) value = in(each);
            });
        return value == resource;
    };
    const std::function<bool(const Element&)> has_it = [&](const Element& owner) {
        bool found = false;
        each_child(&owner, [&](const Element& child) {
            if (is(child, "primitive")) found |= is_of_resource(child);
            if (is(child, "group")) found |= has_it(child);
        });
        return found;
    };
    std::optional<std::string> promotable, any;
    each_child(resources, [&](const Element& clone) {
        const bool old_form = is(clone, "master");
        if ((!old_form && !is(clone, "clone")) || !has_it(clone)) return;
        auto& place =
            old_form || is_true(find_in_sets(*root(), clone, "meta_attributes", "promotable"))
                ? promotable
                : any;
        if (!place) place = value_of(clone, "id");
    });
    return promotable ? promotable : any;
}

std::optional<Found_constraint> Cib_document::find_constraint(const std::string& id) const {
    std::optional<Found_constraint> found;
    each_child(below(root(), {"configuration", "constraints"}), [&](const Element& each) {
        if (value_of(each, "id") != id) return;
        found = Found_constraint{
            .constraint = {.id = id, .clone = value_of(each, "rsc"), .rule_id = {}, .role = {}},
            .ours = is(each, "rsc_location")};
        auto& [constraint, ours] = *found;
        const auto* rule = each.FirstChildElement();
        if (!rule || !is(*rule, "rule") || rule->NextSiblingElement() ||
            value_of(*rule, "score") != "-INFINITY" ||
            text::lower(value_of(*rule, "boolean-op")) == "or" || rule->Attribute("id-ref")) {
            ours = false;
            return;
        }
        constraint.rule_id = value_of(*rule, "id");
        constraint.role = value_of(*rule, "role");
        each_child(rule, [&](const Element& expression) {
            if (!is(expression, "expression") || value_of(expression, "operation") != "ne")
                ours = false;
            else
                constraint.allowed.push_back({.attribute = value_of(expression, "attribute"),
                                              .value = value_of(expression, "value"),
                                              .id = value_of(expression, "id")});
        });
    });
    return found;
}

}  // namespace san::cluster
