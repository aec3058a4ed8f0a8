// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/cib_elements.hpp"

#include <cstring>

#include "base/text.hpp"

namespace san::cluster {

std::string value_of(const Element& element, const char* name) {
    const auto* value = element.Attribute(name);
    return value ? value : "";
}

const Element* below(const Element* element, std::initializer_list<const char*> path) {
    for (const auto* name : path)
        if (element) element = element->FirstChildElement(name);
    return element;
}

void each_child(const Element* parent, const std::function<void(const Element&)>& visit) {
    if (!parent) return;
    for (auto* child = parent->FirstChildElement(); child; child = child->NextSiblingElement())
        visit(*child);
}

bool is(const Element& element, const char* name) { return std::strcmp(element.Name(), name) == 0; }

const Element* find_by_id(const Element& top, const std::string& id) {
    if (value_of(top, "id") == id) return &top;
    for (auto* child = top.FirstChildElement(); child; child = child->NextSiblingElement())
        if (const auto* found = find_by_id(*child, id)) return found;
    return nullptr;
}

const Element& resolved(const Element& top, const Element& element) {
    const auto id = value_of(element, "id-ref");
    const auto* meant = id.empty() ? nullptr : find_by_id(top, id);
    return meant ? *meant : element;
}

bool is_not_false(const std::optional<std::string>& value) {
    if (!value) return true;
    const auto word = text::lower(*value);
    return word != "false" && word != "no" && word != "n" && word != "off" && word != "0";
}

bool is_true(const std::optional<std::string>& value) {
    if (!value) return false;
    const auto word = text::lower(*value);
    return word == "true" || word == "yes" || word == "y" || word == "on" || word == "1";
}

}  // namespace san::cluster
