// SPDX-License-Identifier: GPL-2.0-or-later
// Findings as text for people, and as XML and JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "stack/finding.hpp"

namespace san::stack {

/// What was looked at, and what was not.
struct Source {
    std::string name{};  ///< "cluster", "drbd", "corosync", "node alice"
    std::string from{};  ///< where it comes from, or why it was not read
    bool is_read = true;
};

struct Report {
    Findings findings{};
    std::vector<Source> sources{};
    std::size_t rules = 0;  ///< how many were asked
};

/// 0 nothing or notes, 1 warnings, 2 errors.
int status_of(const Findings& findings);

/// Shape   worst first, one line for each, and below it how to mend it; `colour` for a terminal
std::string as_text(const Report& report, bool colour);
/// Shape   both are documented in san-check(8); a reader may meet more than that in later versions
std::string as_xml(const Report& report);
std::string as_json(const Report& report);

}  // namespace san::stack
