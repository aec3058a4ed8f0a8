// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/facts_document.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_elements.hpp"

namespace san::stack {

namespace {

using cluster::each_child;
using cluster::Element;
using cluster::is;
using cluster::value_of;

// Raised when something is added without which an older reader would judge wrongly.
constexpr int version = 1;

class Writer {
public:
    explicit Writer(const std::string& node) {
        printer_.OpenElement("san-facts");
        printer_.PushAttribute("version", version);
        printer_.PushAttribute("node", node.c_str());
    }

    void element(const char* name,
                 std::initializer_list<std::pair<const char*, std::string>> attributes,
                 const std::string& text = {}) {
        printer_.OpenElement(name);
        for (const auto& [key, value] : attributes) printer_.PushAttribute(key, value.c_str());
        if (!text.empty()) printer_.PushText(text.c_str());
        printer_.CloseElement();
    }

    void lvm(const Lvm_settings& settings) {
        printer_.OpenElement("lvm");
        printer_.PushAttribute("use_devicesfile", settings.use_devices_file);
        printer_.PushAttribute("scan_lvs", settings.scan_lvs);
        const auto list = [&](const char* name, const Words& words) {
            printer_.OpenElement(name);
            for (const auto& word : words) element("item", {{"value", word}});
            printer_.CloseElement();
        };
        list("filter", settings.filter);
        list("global_filter", settings.global_filter);
        if (settings.auto_activation) list("auto_activation", *settings.auto_activation);
        if (settings.devices) list("devices", *settings.devices);
        printer_.CloseElement();
    }

    std::string end() {
        printer_.CloseElement();
        return printer_.CStr();
    }

private:
    tinyxml2::XMLPrinter printer_{};
};

Words items(const Element& list) {
    Words words;
    each_child(&list, [&](const Element& item) { words.push_back(value_of(item, "value")); });
    return words;
}

Lvm_settings lvm_of(const Element& element) {
    Lvm_settings settings{
        .use_devices_file = cluster::is_true(value_of(element, "use_devicesfile")),
        .scan_lvs = cluster::is_true(value_of(element, "scan_lvs"))};
    each_child(&element, [&](const Element& list) {
        if (is(list, "filter")) settings.filter = items(list);
        if (is(list, "global_filter")) settings.global_filter = items(list);
        if (is(list, "auto_activation")) settings.auto_activation = items(list);
        if (is(list, "devices")) settings.devices = items(list);
    });
    return settings;
}

std::string text_of(const Element& element) {
    return element.GetText() ? element.GetText() : std::string{};
}

}  // namespace

std::string to_xml(const Node_facts& facts) {
    Writer writer{facts.name};
    for (const auto& unit : facts.units_at_boot) writer.element("unit", {{"name", unit}});
    if (facts.lvm) writer.lvm(*facts.lvm);
    for (const auto& group : facts.groups)
        writer.element("group",
                       {{"name", group.name},
                        {"autoactivation", group.is_activated_at_boot ? "true" : "false"}});
    for (const auto& device : facts.devices)
        for (const auto& other : device.others)
            writer.element("device", {{"name", device.device}, {"other", other}});
    for (const auto& target : facts.tgt_targets) writer.element("tgt-target", {{"name", target}});
    for (const auto& file : facts.secrets)
        writer.element("secret", {{"path", file.path}, {"mode", std::to_string(file.mode)}});
    for (const auto& network : facts.networks)
        writer.element("network",
                       {{"address", network.address}, {"prefix", std::to_string(network.prefix)}});
    for (const auto& target : facts.targets) writer.element("target", {{"name", target}});
    if (!facts.corosync.empty()) writer.element("corosync", {}, facts.corosync);
    if (!facts.drbd.empty()) writer.element("drbd", {}, facts.drbd);
    for (const auto& line : facts.complaints) writer.element("complaint", {}, line);
    for (const auto& gap : facts.gaps) writer.element("gap", {}, gap);
    return writer.end();
}

Node_facts facts_from_xml(const std::string& xml) {
    tinyxml2::XMLDocument document;
    const auto* top = document.Parse(xml.data(), xml.size()) == tinyxml2::XML_SUCCESS
                          ? document.RootElement()
                          : nullptr;
    if (!top || !is(*top, "san-facts"))
        throw Error{Kind::failed, "this is not what san-check --facts prints"};
    if (text::number<int>(value_of(*top, "version")).value_or(version + 1) > version)
        throw Error{Kind::failed, "these facts are of a later version of san-check"};
    Node_facts facts{.name = value_of(*top, "node")};
    each_child(top, [&](const Element& each) {
        const auto name = value_of(each, "name");
        if (is(each, "unit")) facts.units_at_boot.push_back(name);
        if (is(each, "lvm")) facts.lvm = lvm_of(each);
        if (is(each, "group"))
            facts.groups.push_back({name, cluster::is_true(value_of(each, "autoactivation"))});
        if (is(each, "secret"))
            facts.secrets.push_back(
                {value_of(each, "path"),
                 text::number<unsigned>(value_of(each, "mode")).value_or(0777)});
        if (is(each, "network"))
            facts.networks.push_back({value_of(each, "address"),
                                      text::number<int>(value_of(each, "prefix")).value_or(0)});
        if (is(each, "device")) {
            if (facts.devices.empty() || facts.devices.back().device != name)
                facts.devices.push_back({name, {}});
            facts.devices.back().others.push_back(value_of(each, "other"));
        }
        if (is(each, "tgt-target")) facts.tgt_targets.push_back(name);
        if (is(each, "target")) facts.targets.push_back(name);
        if (is(each, "corosync")) facts.corosync = text_of(each);
        if (is(each, "drbd")) facts.drbd = text_of(each);
        if (is(each, "complaint")) facts.complaints.push_back(text_of(each));
        if (is(each, "gap")) facts.gaps.push_back(text_of(each));
    });
    return facts;
}

}  // namespace san::stack
