// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a stack, or could be.
#pragma once

#include <string>
#include <vector>

namespace san::stack {

enum class Severity { note, warning, error };

constexpr const char* to_text(Severity severity) {
    return severity == Severity::error     ? "error"
           : severity == Severity::warning ? "warning"
                                           : "note";
}

struct Finding {
    Severity severity = Severity::warning;
    std::string subject{};  ///< a resource, a node, a file, a property of the cluster
    std::string reason{};   ///< a sentence: what is so, and what comes of it
    std::string mend{};  ///< a command, or what to change where; empty when nothing is to be done
    std::string rule{};  ///< by whom; set by whoever runs the rules
};

using Findings = std::vector<Finding>;

}  // namespace san::stack
