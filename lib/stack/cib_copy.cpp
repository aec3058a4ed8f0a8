// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/cib_copy.hpp"

#include <functional>

#include "base/error.hpp"
#include "cluster/cib_elements.hpp"

namespace san::stack {

namespace {

using cluster::each_child;
using cluster::is;
using cluster::value_of;
using Element = tinyxml2::XMLElement;

// The set that crm_attribute, crmsh and pcs write, which counts before all others.
constexpr auto usual_set = "cib-bootstrap-options";

void each_agent(Element* parent, const std::vector<std::string>& within,
                const std::function<void(Element&, const std::vector<std::string>&)>& visit) {
    for (auto* child = parent->FirstChildElement(); child; child = child->NextSiblingElement()) {
        if (is(*child, "primitive") || is(*child, "template")) visit(*child, within);
        if (!is(*child, "group") && !is(*child, "clone") && !is(*child, "master")) continue;
        auto deeper = within;
        deeper.push_back(value_of(*child, "id"));
        each_agent(child, deeper, visit);
    }
}

std::string printed(const Element& element) {
    tinyxml2::XMLPrinter printer{nullptr, true};
    element.Accept(&printer);
    return printer.CStr();
}

Element& added(Element& parent, const char* name) {
    return *static_cast<Element*>(parent.InsertEndChild(parent.GetDocument()->NewElement(name)));
}

void add_pair(Element& set, const std::string& name, const std::string& value) {
    auto& pair = added(set, "nvpair");
    pair.SetAttribute("id", (value_of(set, "id") + "-" + name).c_str());
    pair.SetAttribute("name", name.c_str());
    pair.SetAttribute("value", value.c_str());
}

Element* find_child(Element& parent, const std::string& id) {
    for (auto* child = parent.FirstChildElement(); child; child = child->NextSiblingElement())
        if (value_of(*child, "id") == id) return child;
    return nullptr;
}

}  // namespace

struct Cib_copy::Parsed {
    tinyxml2::XMLDocument document;
};

Cib_copy::Cib_copy(const std::string& xml) : parsed_{std::make_unique<Parsed>()} {
    if (parsed_->document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS)
        throw Error{Kind::failed,
                    std::string{"the cluster's CIB is no XML: "} + parsed_->document.ErrorStr()};
    for (const auto* name : {"crm_config", "resources"}) configuration(name);
}
Cib_copy::~Cib_copy() = default;
Cib_copy::Cib_copy(Cib_copy&&) noexcept = default;

Element* Cib_copy::configuration(const char* section) const {
    auto* root = parsed_->document.RootElement();
    auto* all = root && is(*root, "cib") ? root->FirstChildElement("configuration") : nullptr;
    auto* found = all ? all->FirstChildElement(section) : nullptr;
    if (!found) throw Error{Kind::failed, std::string{"this is no CIB: it has no "} + section};
    return found;
}

std::vector<Agent_element> Cib_copy::agents() const {
    std::vector<Agent_element> found;
    each_agent(configuration("resources"), {}, [&](const Element& element, const auto& within) {
        found.push_back({.id = value_of(element, "id"),
                         .agent_class = value_of(element, "class"),
                         .provider = value_of(element, "provider"),
                         .type = value_of(element, "type"),
                         .made_by = value_of(element, "template"),
                         .within = within,
                         .is_template = is(element, "template")});
    });
    return found;
}

Element* Cib_copy::agent(const std::string& id) const {
    Element* found = nullptr;
    each_agent(configuration("resources"), {}, [&](Element& element, const auto&) {
        if (value_of(element, "id") == id) found = &element;
    });
    return found;
}

std::multimap<std::string, std::string> Cib_copy::parameters(const std::string& id) const {
    std::multimap<std::string, std::string> found;
    const auto& top = *parsed_->document.RootElement();
    for (const auto* element = agent(id); element;) {
        each_child(element, [&](const Element& set) {
            if (!is(set, "instance_attributes")) return;
            each_child(&cluster::resolved(top, set), [&](const Element& entry) {
                if (!is(entry, "nvpair")) return;
                const auto& pair = cluster::resolved(top, entry);
                const auto given = value_of(entry, "name");
                found.emplace(given.empty() ? value_of(pair, "name") : given,
                              value_of(pair, "value"));
            });
        });
        const auto model = value_of(*element, "template");
        element = model.empty() ? nullptr : agent(model);
    }
    return found;
}

std::string Cib_copy::provider(const std::string& id) const {
    const auto* element = agent(id);
    if (!element) throw Error{Kind::failed, id + " is no longer in the configuration"};
    return value_of(*element, "provider");
}

void Cib_copy::set_provider(const std::string& id, const std::string& provider) {
    auto* element = agent(id);
    if (!element) throw Error{Kind::failed, id + " is no longer in the configuration"};
    element->SetAttribute("provider", provider.c_str());
}

Element* Cib_copy::property(const std::string& name) const {
    Element* found = nullptr;
    for (auto* set = configuration("crm_config")->FirstChildElement(); set;
         set = set->NextSiblingElement())
        for (auto* pair = set->FirstChildElement("nvpair"); pair;
             pair = pair->NextSiblingElement("nvpair")) {
            if (value_of(*pair, "name") != name) continue;
            if (found)
                throw Error{Kind::failed, name + " is in more than one cluster_property_set"};
            found = pair;
        }
    return found;
}

std::optional<std::string> Cib_copy::find_property(const std::string& name) const {
    const auto* pair = property(name);
    if (!pair) return {};
    return value_of(*pair, "value");
}

void Cib_copy::set_property(const std::string& name, const std::optional<std::string>& value) {
    auto* pair = property(name);
    if (pair && value) return pair->SetAttribute("value", value->c_str());
    if (pair) return pair->Parent()->DeleteChild(pair);
    if (!value) return;
    auto& options = *configuration("crm_config");
    auto* set = find_child(options, usual_set);
    if (!set) {
        set = &added(options, "cluster_property_set");
        set->SetAttribute("id", usual_set);
    }
    add_pair(*set, name, *value);
}

std::optional<std::map<std::string, std::string>> Cib_copy::find_set(const std::string& id) const {
    const auto* set = find_child(*configuration("crm_config"), id);
    if (!set) return {};
    std::map<std::string, std::string> found;
    each_child(
        set, [&](const Element& pair) { found[value_of(pair, "name")] = value_of(pair, "value"); });
    return found;
}

void Cib_copy::place_set(const std::string& id,
                         const std::map<std::string, std::string>& properties) {
    remove_set(id);
    auto& set = added(*configuration("crm_config"), "cluster_property_set");
    set.SetAttribute("id", id.c_str());
    for (const auto& [name, value] : properties) add_pair(set, name, value);
}

void Cib_copy::remove_set(const std::string& id) {
    auto& options = *configuration("crm_config");
    if (auto* set = find_child(options, id)) options.DeleteChild(set);
}

std::string Cib_copy::section(const char* name) const { return printed(*configuration(name)); }

std::string Cib_copy::to_text() const { return printed(*parsed_->document.RootElement()); }

}  // namespace san::stack
