// SPDX-License-Identifier: GPL-2.0-or-later
// The constraints of a CIB as values.
#pragma once

#include "cluster/cib_elements.hpp"
#include "stack/configuration.hpp"

namespace san::stack {

/// Adds the constraints below `constraints` to a configuration. Null: there are none.
void read_constraints(const cluster::Element* constraints, Configuration& into);

/// A role in the words of Pacemaker 2.1 and later, whatever it is written in.
std::string todays_role(const std::string& role);

}  // namespace san::stack
