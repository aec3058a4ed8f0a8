// SPDX-License-Identifier: GPL-2.0-or-later
// What a process calls itself.
#pragma once

#include <string>

#include "kernel/files.hpp"

namespace san {

/// "dd", for messages: whoever runs it can choose the name, so that control characters are shown
/// as '?'. "a program" when the process is gone.
std::string process_name(const std::string& process, const Files& files);

}  // namespace san
