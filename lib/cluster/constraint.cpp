// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/constraint.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace san::cluster {

namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += letter;
        }
    }
    return out;
}

std::string attribute(const char* name, const std::string& value) {
    return std::string{" "} + name + "=\"" + escaped(value) + "\"";
}

/// Pacemaker's older words mean the same.
bool same_role(const std::string& one, const std::string& other) {
    const auto word = [](const std::string& role) {
        const auto lower = text::lower(role);
        return lower == "promoted" ? std::string{"master"} : lower;
    };
    return word(one) == word(other);
}

}  // namespace

bool Allowed::same(const Allowed& other) const {
    return attribute == other.attribute && text::lower(value) == text::lower(other.value);
}

std::string Constraint::to_xml() const {
    auto xml = "<rsc_location" + attribute("rsc", clone) + attribute("id", id) + "><rule" +
               attribute("role", role) + attribute("score", "-INFINITY") +
               attribute("id", rule_id) + ">";
    for (const auto& node : allowed)
        xml += "<expression" + attribute("attribute", node.attribute) +
               attribute("operation", "ne") + attribute("value", node.value) +
               attribute("id", node.id) + "/>";
    return xml + "</rule></rsc_location>";
}

bool Constraint::allows(const Allowed& node) const {
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](const auto& each) { return each.same(node); });
}

bool Constraint::same(const Constraint& other) const {
    const auto all_in = [](const Constraint& some, const Constraint& all) {
        return std::all_of(some.allowed.begin(), some.allowed.end(),
                           [&](const auto& each) { return all.allows(each); });
    };
    return id == other.id && clone == other.clone && same_role(role, other.role) &&
           all_in(*this, other) && all_in(other, *this);
}

std::string Constraint_names::complete(const std::string& prefix, const std::string& resource) {
    const auto end = "-" + resource;
    return prefix.ends_with(end) ? prefix : prefix + end;
}

std::string Constraint_names::allowed_id(std::optional<unsigned> node) const {
    return prefix + "-expr-" + (node ? std::to_string(*node) + "-" : std::string{}) + clone;
}

}  // namespace san::cluster
