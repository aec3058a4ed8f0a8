// SPDX-License-Identifier: GPL-2.0-or-later
// What the rules need to know of one agent. Each agent has a file in subjects/ that makes one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/node.hpp"

namespace san::test {

using Parameters = std::map<std::string, std::string>;

/// A value that must be refused, by start and by validate-all.
struct Refused {
    std::string parameter;
    std::string value;
    int code;
    std::string expectation;  ///< words of the exit reason after "expected"
};

class Subject {
public:
    virtual ~Subject() = default;

    /// Puts the node into the state in which the agent's start can succeed.
    virtual void prepare(Node& node) = 0;
    virtual Parameters good() const = 0;
    virtual std::vector<Refused> refused() const = 0;
    /// Meta attributes, beside the usual ones, of a promotable clone.
    virtual Parameters promotable() const { return {}; }
    /// Parameters, beside the good ones, of a promotable clone.
    virtual Parameters of_clone() const { return {}; }
    /// Programs without which start must say "not installed".
    virtual std::vector<std::string> tools() const { return {}; }
};

std::unique_ptr<Subject> subject();

}  // namespace san::test
