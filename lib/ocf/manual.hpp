// SPDX-License-Identifier: GPL-2.0-or-later
// An agent's declarations as text for people.
#pragma once

#include <string>

namespace san::ocf {

class Agent;

/// ocf_san_NAME(7), as roff.
std::string manual_page(const Agent& agent);
/// What --help prints.
std::string help(const Agent& agent);
/// "start, stop, monitor", for messages.
std::string action_names(const Agent& agent);

}  // namespace san::ocf
