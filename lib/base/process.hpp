// SPDX-License-Identifier: GPL-2.0-or-later
// What this process was started with, and where.
#pragma once

#include <map>
#include <string>

namespace san {

/// Environment variables by their names.
using Variables = std::map<std::string, std::string>;

Variables own_variables();

/// The node name of uname(2); empty when there is none.
std::string host_name();

}  // namespace san
