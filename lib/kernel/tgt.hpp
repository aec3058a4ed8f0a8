// SPDX-License-Identifier: GPL-2.0-or-later
// tgtd, the target in user space: one question, one answer. It does everything in one loop, so that
// a question waits for whatever the daemon is at, and a backing device that hangs holds all of it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/deadline.hpp"
#include "base/process.hpp"
#include "kernel/tgt_messages.hpp"

namespace san::tgt {

class Daemon {
public:
    virtual ~Daemon() = default;

    /// Nothing when there is no daemon; then it has no targets either.
    ///
    /// Errors  failed when it does not answer in time, or hangs up: whether it has done, or will
    ///         do, what was asked is then unknown. misconfigured when the text is too long
    virtual std::optional<Answer> ask(const Request& request, const Deadline& deadline) = 0;
};

/// The daemon of control port 0, where tgtadm finds it as well.
///
/// Source  TGT_IPC_SOCKET in tgtadm(8), 1.0.85
std::filesystem::path default_socket(const Variables& environment);

std::unique_ptr<Daemon> make_daemon(std::filesystem::path socket);

}  // namespace san::tgt
