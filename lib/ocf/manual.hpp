// SPDX-License-Identifier: GPL-2.0-or-later
// An agent's declarations as text for people.
#pragma once

#include <string>

namespace san::ocf {

class Agent;

/// Text for roff, which takes a leading dot or quote for a request and a bare hyphen for a
/// typographic one.
std::string roff(const std::string& text);

/// ocf_san_NAME(7), as roff.
std::string manual_page(const Agent& agent);
/// What --help prints.
std::string help(const Agent& agent);
/// "start, stop, monitor", for messages.
std::string action_names(const Agent& agent);

}  // namespace san::ocf
