// SPDX-License-Identifier: GPL-2.0-or-later
// A node's facts as XML: what `san-check --facts` prints on one node and reads on another.
#pragma once

#include <string>

#include "stack/facts.hpp"

namespace san::stack {

std::string to_xml(const Node_facts& facts);

/// Errors  failed when it is no such document, or one of a later version
Node_facts facts_from_xml(const std::string& xml);

}  // namespace san::stack
