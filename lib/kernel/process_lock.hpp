// SPDX-License-Identifier: GPL-2.0-or-later
// A file that a process keeps locked, so that others find it: the kernel knows the holder, and
// forgets it when the process dies, or closes any descriptor of the file (fcntl(2), "Advisory
// record locking"): who holds a lock must not ask about it.
#pragma once

#include <filesystem>
#include <optional>
#include <sys/types.h>

#include "base/deadline.hpp"
#include "base/fd.hpp"

namespace san::process_lock {

/// The process that has the lock. Not for that process itself, which would lose it.
std::optional<pid_t> find_holder(const std::filesystem::path& path);

/// Nothing when another process has it, or when its file has been removed meanwhile.
Fd take(const std::filesystem::path& path);

/// As take, and waits while another process has it, without a limit: for a child that may be
/// abandoned. Nothing, with errno, when the file cannot be locked at all.
Fd await(const std::filesystem::path& path);

/// Sends SIGTERM to the holder and waits for its end; one that does not end in time is killed.
void end_holder(const std::filesystem::path& path, const Deadline& deadline);

}  // namespace san::process_lock
