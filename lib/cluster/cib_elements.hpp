// SPDX-License-Identifier: GPL-2.0-or-later
// Small steps in a CIB's elements, for those who read one.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <tinyxml2.h>

namespace san::cluster {

using Element = tinyxml2::XMLElement;

/// An attribute; empty when it is not there.
std::string value_of(const Element& element, const char* name);
bool is(const Element& element, const char* name);
/// The element at the end of a path of names; null when one is missing, or `element` is.
const Element* below(const Element* element, std::initializer_list<const char*> path);
/// Nothing to visit in null.
void each_child(const Element* parent, const std::function<void(const Element&)>& visit);
const Element* find_by_id(const Element& top, const std::string& id);
/// An element can stand for another one: <instance_attributes id-ref="..."/>.
const Element& resolved(const Element& top, const Element& element);
/// Pacemaker's words for yes.
bool is_true(const std::optional<std::string>& value);
/// Pacemaker's words for no. Whatever else stands there is the default of the properties that are
/// asked this way, yes.
bool is_not_false(const std::optional<std::string>& value);

}  // namespace san::cluster
