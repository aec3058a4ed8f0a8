// SPDX-License-Identifier: GPL-2.0-or-later
// The traps that a stack can be caught in, one rule each. A rule is a pure function of the facts;
// where a fact is missing it says nothing.
#pragma once

#include <string>
#include <vector>

#include "stack/facts.hpp"

namespace san::stack {

struct Rule {
    std::string name;
    std::string brief;  ///< what it finds, in one line
    Findings (*check)(const Facts& facts);
};

/// All of them, in the order in which they are listed.
const std::vector<Rule>& all_rules();

/// By subject, from files of their own.
std::vector<Rule> cluster_rules();   ///< properties, fencing, what was left behind
std::vector<Rule> resource_rules();  ///< operations, meta attributes
std::vector<Rule> relation_rules();  ///< what has to be where, and after what
std::vector<Rule> target_rules();    ///< targets, units, addresses
std::vector<Rule> drbd_rules();      ///< DRBD's configuration
std::vector<Rule> node_rules();      ///< LVM, services, files, links between nodes

/// What the rules find, worst first and in the order of rules else; and what could not be read.
///
/// Shape   `only` are names of rules, all when it is empty; `except` are left out
/// Errors  misconfigured when there is no rule of a name
Findings check(const Facts& facts, const std::vector<std::string>& only = {},
               const std::vector<std::string>& except = {});

/// The gaps in the facts as findings of a rule of their own.
constexpr auto gap_rule = "unread";

}  // namespace san::stack
