// SPDX-License-Identifier: GPL-2.0-or-later
// An earlier action of the same resource that gave up, while its child still waits in the kernel.
//
// That child holds locks on what it changes: whoever looks there waits as it does, and cannot be
// killed either. So a note is left, and read before anything is touched.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bounded.hpp"
#include "base/deadline.hpp"
#include "kernel/files.hpp"
#include "ocf/environment.hpp"

namespace san::ocf {

class Hung_action {
public:
    Hung_action(const Environment& environment, const Files& files);

    /// To be called when an action has been given up.
    void note(const Abandoned& failure) const;
    /// What is still waited for; nothing when there is no such action, or its child has ended.
    std::optional<std::string> find() const;
    /// Waits until it has ended: what it began is done then, and the rest can follow.
    /// Errors  failed at the deadline, with what is still waited for
    void wait(const Deadline& deadline) const;

private:
    struct Note {
        std::string process;
        std::string begun;  ///< in clock ticks since boot: process numbers are used again
        std::string step;
    };
    std::optional<Note> read() const;
    std::optional<std::string> begin_of(const std::string& process) const;
    bool lives(const Note& note) const;

    const Files* files_;
    std::filesystem::path path_;
};

}  // namespace san::ocf
