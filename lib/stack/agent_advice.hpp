// SPDX-License-Identifier: GPL-2.0-or-later
// What agents say of the time that their actions need.
#pragma once

#include <filesystem>
#include <string>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "stack/facts.hpp"

namespace san::stack {

/// Timeouts by action, "monitor:Promoted" where an action has several for its roles. Of several
/// depths the shallowest counts, which is the one that is meant without OCF_CHECK_LEVEL.
///
/// Errors  failed when it is no metadata of an agent
Values advice_in(const std::string& metadata);

/// Asks every OCF agent of a configuration for its metadata, below `root` (OCF_ROOT). One that is
/// not there, or does not answer, is a gap.
Advice ask_agents(const Configuration& configuration, const std::filesystem::path& root,
                  Commands& commands, const Deadline& deadline, Findings& gaps);

}  // namespace san::stack
