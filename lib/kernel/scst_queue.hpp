// SPDX-License-Identifier: GPL-2.0-or-later
// SCST's queue of management commands. Most writes are done by a thread of SCST's, for which the
// writer waits. When that takes long, write(2) gives EAGAIN, which means queued and not refused;
// what came of it is then read in one file that all writers of the node share.
//
// Source  scst_sysfs_queue_wait_work(), scst/src/scst_sysfs.c, 3.11-pre; tests/data/scst
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/deadline.hpp"
#include "kernel/scst.hpp"

namespace san::scst {

/// An attribute's value, without the mark of values that differ from SCST's defaults, and with
/// blanks for its line ends. Nothing when it is absent.
///
/// Errors  failed; at the deadline, when the answer is queued so long
std::optional<std::string> find(const Scst_tree& tree, const Scst_tree::Path& attribute,
                                const Deadline& deadline);

/// Whether a command of anybody's is under way.
bool is_busy(const Scst_tree& tree);

/// Waits until none is, or until the deadline; nothing announces the end. Returns whether none is.
bool await_quiet(const Scst_tree& tree, const Deadline& deadline);

struct Result {
    int errnum = 0;
    /// The result was read in the shared file: it can be that of a command whose writer was killed
    /// before, so only the tree shows what came of this one.
    bool shared = false;
};

/// Writes once, and waits for what comes of it. The caller has the tree's lock.
///
/// Errors  failed at the deadline: the command may still be done
Result submit(Scst_tree& tree, const Scst_tree::Path& attribute, std::string_view data,
              const Deadline& deadline);

}  // namespace san::scst
