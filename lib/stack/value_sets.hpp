// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of names and values in a CIB, as Pacemaker puts them together.
#pragma once

#include "cluster/cib_elements.hpp"
#include "stack/configuration.hpp"

namespace san::stack {

using cluster::Element;

/// What the sets of one kind below `owner` add up to.
struct Value_sets {
    Values values{};
    bool has_rules = false;  ///< one of them has a rule, and was left out
};

/// Shape   `kind` is the sets' element, as "meta_attributes"; the set named `first` counts before
///         all others
/// Source  the set with the highest score wins, of equal ones the last (crm_resource 2.1.5)
Value_sets values_in(const Element& top, const Element& owner, const char* kind,
                     const std::string& first = {});

/// Those that are not there yet.
void add_missing(Values& values, const Values& more);

}  // namespace san::stack
