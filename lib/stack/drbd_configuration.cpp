// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/drbd_configuration.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_elements.hpp"
#include "stack/value_sets.hpp"

namespace san::stack {

namespace {

using cluster::each_child;
using cluster::is;
using cluster::value_of;

/// The options of one section; below `owner` there may be several of a name.
Values section(const Element& owner, const std::string& name) {
    Values found;
    each_child(&owner, [&](const Element& child) {
        if (!is(child, "section") || value_of(child, "name") != name) return;
        each_child(&child, [&](const Element& option) {
            // A switch is there or not, and then has no value.
            if (is(option, "option"))
                found[value_of(option, "name")] =
                    option.Attribute("value") ? value_of(option, "value") : "yes";
        });
    });
    return found;
}

Values with(Values own, const Values& inherited) {
    add_missing(own, inherited);
    return own;
}

std::string content(const Element* element) {
    return element && element->GetText() ? std::string{text::trimmed(element->GetText())}
                                         : std::string{};
}

Drbd_volume volume_of(const Element& element, const Values& disk) {
    Drbd_volume volume{.number = text::number<int>(value_of(element, "vnr")).value_or(0),
                       .disk = content(element.FirstChildElement("disk"))};
    if (const auto* device = element.FirstChildElement("device"))
        volume.minor = text::number<unsigned>(value_of(*device, "minor"));
    const auto options = with(section(element, "disk"), disk);
    if (const auto after = options.find("resync-after"); after != options.end())
        volume.resync_after = after->second;
    return volume;
}

Drbd_host host_of(const Element& element, const Values& disk) {
    Drbd_host host{.name = value_of(element, "name")};
    each_child(&element, [&](const Element& child) {
        if (is(child, "volume")) host.volumes.push_back(volume_of(child, disk));
        if (is(child, "address")) host.addresses.push_back(content(&child));
    });
    return host;
}

Drbd_resource resource_of(const Element& element, const Element* common) {
    const auto options = [&](const Element& owner, const std::string& name) {
        return with(section(owner, name), common ? section(*common, name) : Values{});
    };
    Drbd_resource resource{.name = value_of(element, "name"),
                           .disk = options(element, "disk"),
                           .options = options(element, "options"),
                           .handlers = options(element, "handlers")};
    const auto net = options(element, "net");
    each_child(&element, [&](const Element& child) {
        if (is(child, "host")) resource.hosts.push_back(host_of(child, resource.disk));
        if (is(child, "connection"))
            resource.connections.push_back(with(section(child, "net"), net));
    });
    if (resource.connections.empty()) resource.connections.push_back(net);
    return resource;
}

}  // namespace

std::string Drbd_resource::net(const std::string& option) const {
    for (const auto& connection : connections)
        if (const auto found = connection.find(option); found != connection.end())
            return found->second;
    return {};
}

std::string Drbd_resource::fencing() const {
    if (const auto policy = net("fencing"); !policy.empty()) return policy;
    const auto found = disk.find("fencing");
    return found == disk.end() ? "dont-care" : found->second;
}

Drbd_configuration Drbd_configuration::parse(const std::string& xml) {
    tinyxml2::XMLDocument document;
    const auto* top = document.Parse(xml.data(), xml.size()) == tinyxml2::XML_SUCCESS
                          ? document.RootElement()
                          : nullptr;
    if (!top || !is(*top, "config"))
        throw Error{Kind::failed, "this is not what drbdadm dump-xml prints"};
    Drbd_configuration found;
    each_child(top, [&](const Element& child) {
        if (is(child, "resource"))
            found.resources.push_back(resource_of(child, top->FirstChildElement("common")));
    });
    return found;
}

const Drbd_resource* Drbd_configuration::find_resource(const std::string& name) const {
    const auto found = std::find_if(resources.begin(), resources.end(),
                                    [&](const Drbd_resource& each) { return each.name == name; });
    return found == resources.end() ? nullptr : &*found;
}

const Drbd_resource* Drbd_configuration::find_by_minor(unsigned minor) const {
    for (const auto& resource : resources)
        for (const auto& host : resource.hosts)
            for (const auto& volume : host.volumes)
                if (volume.minor == minor) return &resource;
    return nullptr;
}

std::string comparable(const std::string& dump) {
    tinyxml2::XMLDocument document;
    if (document.Parse(dump.data(), dump.size()) != tinyxml2::XML_SUCCESS) return {};
    const std::function<void(tinyxml2::XMLElement*)> clean = [&](tinyxml2::XMLElement* element) {
        element->DeleteAttribute("file");
        element->DeleteAttribute("conf-file-line");
        const auto* name = element->Attribute("name");
        if (name && std::string{name} == "shared-secret") element->SetAttribute("value", "***");
        for (auto* child = element->FirstChildElement(); child; child = child->NextSiblingElement())
            clean(child);
    };
    if (document.RootElement()) clean(document.RootElement());
    tinyxml2::XMLPrinter printer;
    document.Print(&printer);
    return printer.CStr();
}

}  // namespace san::stack
