// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/configuration.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "stack/constraints.hpp"
#include "stack/value_sets.hpp"

namespace san::stack {

namespace {

using cluster::below;
using cluster::each_child;
using cluster::is;
using cluster::is_true;
using cluster::resolved;
using cluster::value_of;

/// Reads the resources of one document.
class Reader {
public:
    Reader(const Element& top, Configuration& into) : top_{top}, into_{into} {}

    void read(const Element* resources) {
        resources_ = resources;
        each_child(resources, [&](const Element& element) { read_one(element, {}); });
    }

private:
    /// Where a primitive was met: what surrounds it, and what it inherits from there.
    struct Place {
        std::string group{};
        std::size_t position = 0;
        std::string clone{};
        Values meta{};
        bool has_rules = false;
    };

    void read_one(const Element& element, const Place& place) {
        if (is(element, "primitive")) read_primitive(element, place);
        if (is(element, "group")) read_group(element, place);
        if (is(element, "clone") || is(element, "master")) read_clone(element);
    }

    Place inside(const Element& element, const Place& outer) const {
        auto place = outer;
        auto [meta, has_rules] = values_in(top_, element, "meta_attributes");
        add_missing(meta, outer.meta);
        place.meta = std::move(meta);
        place.has_rules |= has_rules;
        return place;
    }

    void read_clone(const Element& element) {
        auto place = inside(element, {});
        place.clone = value_of(element, "id");
        // `master` is the form before Pacemaker 2.0.
        const auto promotable = place.meta.find("promotable");
        const bool is_promotable = is(element, "master") ||
                                   (promotable != place.meta.end() && is_true(promotable->second));
        const auto at = into_.clones.size();
        into_.clones.push_back(
            {.id = place.clone, .is_promotable = is_promotable, .meta = place.meta});
        const auto before = into_.resources.size();
        each_child(&element, [&](const Element& child) { read_one(child, place); });
        for (auto each = before; each < into_.resources.size(); ++each)
            into_.clones[at].members.push_back(into_.resources[each].id);
    }

    void read_group(const Element& element, const Place& outer) {
        auto place = inside(element, outer);
        place.group = value_of(element, "id");
        Group group{.id = place.group, .clone = outer.clone};
        each_child(&element, [&](const Element& child) {
            if (!is(child, "primitive")) return;
            group.members.push_back(value_of(child, "id"));
            read_primitive(child, place);
            ++place.position;
        });
        into_.groups.push_back(std::move(group));
    }

    const Element* find_template(const std::string& id) const {
        const Element* found = nullptr;
        each_child(resources_, [&](const Element& each) {
            if (!id.empty() && is(each, "template") && value_of(each, "id") == id) found = &each;
        });
        return found;
    }

    void read_primitive(const Element& element, const Place& place) {
        const auto* model = find_template(value_of(element, "template"));
        const auto& typed = model ? *model : element;
        Resource resource{.id = value_of(element, "id"),
                          .standard = value_of(typed, "class"),
                          .provider = value_of(typed, "provider"),
                          .type = value_of(typed, "type"),
                          .group = place.group,
                          .position = place.position,
                          .clone = place.clone,
                          .has_rules = place.has_rules};
        const auto collect = [&](const char* kind) {
            auto [values, has_rules] = values_in(top_, element, kind);
            resource.has_rules |= has_rules;
            if (model) {
                const auto inherited = values_in(top_, *model, kind);
                resource.has_rules |= inherited.has_rules;
                add_missing(values, inherited.values);
            }
            return values;
        };
        resource.parameters = collect("instance_attributes");
        resource.meta = collect("meta_attributes");
        add_missing(resource.meta, place.meta);
        add_missing(resource.meta, into_.resource_defaults);

        read_operations(element, resource);
        if (model) read_operations(*model, resource);
        into_.resources.push_back(std::move(resource));
    }

    /// An operation of a template counts unless the resource has one of that name and interval.
    void read_operations(const Element& owner, Resource& resource) const {
        std::set<std::pair<std::string, std::string>> taken;
        for (const auto& operation : resource.operations)
            taken.emplace(operation.name, operation.interval);
        const auto* operations = owner.FirstChildElement("operations");
        if (!operations) return;
        each_child(&resolved(top_, *operations), [&](const Element& each) {
            if (!is(each, "op")) return;
            auto operation = operation_of(resolved(top_, each));
            if (!taken.contains({operation.name, operation.interval}))
                resource.operations.push_back(std::move(operation));
        });
    }

    Operation operation_of(const Element& element) const {
        // In sets below it as well, since Pacemaker 1.1.
        auto values = values_in(top_, element, "meta_attributes").values;
        for (const auto* each = element.FirstAttribute(); each; each = each->Next())
            values[each->Name()] = each->Value();
        add_missing(values, into_.operation_defaults);
        const auto take = [&](const char* name) {
            const auto found = values.find(name);
            if (found == values.end()) return std::string{};
            auto value = std::move(found->second);
            values.erase(found);
            return value;
        };
        Operation operation{.id = take("id"),
                            .name = take("name"),
                            .interval = take("interval"),
                            .timeout = take("timeout"),
                            .role = todays_role(take("role"))};
        operation.other = std::move(values);
        for (auto& [name, value] : values_in(top_, element, "instance_attributes").values)
            operation.other.emplace(name, value);
        return operation;
    }

    const Element& top_;
    Configuration& into_;
    const Element* resources_ = nullptr;
};

}  // namespace

std::optional<int> score_of(const std::string& text) {
    const auto word = text::lower(text);
    if (word == "infinity" || word == "+infinity" || word == "inf") return infinity;
    if (word == "-infinity" || word == "-inf") return -infinity;
    const auto number = text::number<long long>(word.starts_with('+') ? word.substr(1) : word);
    if (!number) return {};
    return static_cast<int>(std::clamp<long long>(*number, -infinity, infinity));
}

std::string Resource::agent() const {
    return standard + ":" + (provider.empty() ? "" : provider + ":") + type;
}

std::string Resource::parameter(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string{} : found->second;
}

const std::string& Resource::outermost() const {
    return !clone.empty() ? clone : !group.empty() ? group : id;
}

Configuration Configuration::parse(const std::string& xml) {
    tinyxml2::XMLDocument document;
    if (document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS)
        throw Error{Kind::failed,
                    std::string{"the cluster's configuration is no XML: "} + document.ErrorStr()};
    const auto* top = document.RootElement();
    const auto* configuration = top && is(*top, "cib") ? below(top, {"configuration"}) : top;
    if (!configuration || !is(*configuration, "configuration"))
        throw Error{Kind::failed, "this is no configuration of a cluster"};

    Configuration found;
    const auto values = [&](const char* section, const char* kind, const std::string& first = {}) {
        const auto* element = below(configuration, {section});
        return element ? values_in(*top, *element, kind, first).values : Values{};
    };
    found.properties = values("crm_config", "cluster_property_set", "cib-bootstrap-options");
    found.resource_defaults = values("rsc_defaults", "meta_attributes");
    found.operation_defaults = values("op_defaults", "meta_attributes");
    each_child(below(configuration, {"nodes"}), [&](const Element& node) {
        if (is(node, "node") && value_of(node, "type") != "ping")
            found.nodes.push_back(
                {.id = value_of(node, "id"),
                 .name = value_of(node, "uname"),
                 .attributes = values_in(*top, node, "instance_attributes").values});
    });
    Reader{*top, found}.read(below(configuration, {"resources"}));
    read_constraints(below(configuration, {"constraints"}), found);
    return found;
}

const Resource* Configuration::find_resource(const std::string& id) const {
    const auto found = std::find_if(resources.begin(), resources.end(),
                                    [&](const Resource& each) { return each.id == id; });
    return found == resources.end() ? nullptr : &*found;
}

const Group* Configuration::find_group(const std::string& id) const {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& each) { return each.id == id; });
    return found == groups.end() ? nullptr : &*found;
}

const Clone* Configuration::find_clone(const std::string& id) const {
    const auto found = std::find_if(clones.begin(), clones.end(),
                                    [&](const Clone& each) { return each.id == id; });
    return found == clones.end() ? nullptr : &*found;
}

std::vector<const Resource*> Configuration::primitives_of(const std::string& id) const {
    std::vector<const Resource*> found;
    for (const auto& each : resources)
        if (each.id == id || each.group == id || each.clone == id) found.push_back(&each);
    return found;
}

std::string Configuration::property(const std::vector<std::string>& names) const {
    for (const auto& name : names)
        if (const auto found = properties.find(name); found != properties.end())
            return found->second;
    return {};
}

}  // namespace san::stack
