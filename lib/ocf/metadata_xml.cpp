// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/metadata_xml.hpp"

#include <tinyxml2.h>

#include "ocf/agent.hpp"
#include "san_version.hpp"

namespace san::ocf {

namespace {

using tinyxml2::XMLElement;

// ocf-tester validates with ra-api-1.dtd of resource-agents, which knows OCF 1.0 only; the internal
// subset, read first, declares what 1.1 adds.
constexpr auto document_type =
    "DOCTYPE resource-agent SYSTEM \"ra-api-1.dtd\" [\n"
    "<!ATTLIST parameter reloadable (0|1) \"0\">\n"
    "<!ATTLIST parameter unique-group CDATA #IMPLIED>\n"
    "<!ATTLIST action name CDATA #REQUIRED>\n"
    "]";

XMLElement& text_child(XMLElement& parent, const char* name, const std::string& text) {
    auto* child = parent.InsertNewChildElement(name);
    child->SetText(text.c_str());
    return *child;
}

void describe(XMLElement& parent, const std::string& text, const std::string& brief) {
    text_child(parent, "longdesc", text).SetAttribute("lang", "en");
    text_child(parent, "shortdesc", brief).SetAttribute("lang", "en");
}

const char* name_of(Content content) {
    switch (content) {
        case Content::string:
            return "string";
        case Content::integer:
            return "integer";
        case Content::boolean:
            return "boolean";
    }
    return "string";
}

void add(XMLElement& parameters, const Parameter_base& parameter) {
    const auto& declaration = parameter.declaration();
    auto& element = *parameters.InsertNewChildElement("parameter");
    element.SetAttribute("name", declaration.name.c_str());
    element.SetAttribute("unique", declaration.unique ? "1" : "0");
    element.SetAttribute("required", declaration.required ? "1" : "0");
    if (declaration.reloadable) element.SetAttribute("reloadable", "1");
    describe(element, declaration.text, declaration.brief);
    auto& content = *element.InsertNewChildElement("content");
    content.SetAttribute("type", name_of(parameter.content()));
    if (declaration.fallback) content.SetAttribute("default", declaration.fallback->c_str());
}

std::string seconds(std::chrono::seconds span) { return std::to_string(span.count()) + "s"; }

void add(XMLElement& actions, const Action& action) {
    auto& element = *actions.InsertNewChildElement("action");
    element.SetAttribute("name", action.name.c_str());
    element.SetAttribute("timeout", seconds(action.timeout).c_str());
    if (action.interval.count() == 0) return;
    element.SetAttribute("depth", action.depth);
    element.SetAttribute("interval", seconds(action.interval).c_str());
    if (!action.role.empty()) element.SetAttribute("role", action.role.c_str());
}

std::string document(const Agent& agent) {
    tinyxml2::XMLDocument document;
    document.InsertEndChild(document.NewDeclaration("xml version=\"1.0\""));
    document.InsertEndChild(document.NewUnknown(document_type));

    auto& root = *document.NewElement("resource-agent");
    document.InsertEndChild(&root);
    root.SetAttribute("name", agent.description().name.c_str());
    root.SetAttribute("version", version);
    text_child(root, "version", "1.1");
    describe(root, agent.description().text, agent.description().brief);

    auto& parameters = *root.InsertNewChildElement("parameters");
    for (const auto* parameter : agent.parameters()) add(parameters, *parameter);

    auto& actions = *root.InsertNewChildElement("actions");
    for (const auto& action : agent.description().actions) add(actions, action);
    add(actions, {.name = "meta-data", .timeout = std::chrono::seconds{5}});
    add(actions, {.name = "validate-all", .timeout = std::chrono::seconds{20}});

    tinyxml2::XMLPrinter printer;
    document.Print(&printer);
    return printer.CStr();
}

}  // namespace

}  // namespace san::ocf

void san_metadata_write(const san::ocf::Agent& agent, std::string& text) {
    text = san::ocf::document(agent);
}
