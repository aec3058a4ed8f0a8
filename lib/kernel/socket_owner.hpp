// SPDX-License-Identifier: GPL-2.0-or-later
// Whose a socket is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kernel/files.hpp"

namespace san {

/// "tgtd, process 123": a process that has the socket with that inode open; nothing when none has,
/// as with sockets of the kernel itself. Looks at every open file of the node: not for a monitor.
std::optional<std::string> socket_owner(std::uint32_t inode, const Files& files);

}  // namespace san
