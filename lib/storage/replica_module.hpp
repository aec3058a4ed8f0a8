// SPDX-License-Identifier: GPL-2.0-or-later
// The version of DRBD's kernel module, and what an administrator wants it to be.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "kernel/files.hpp"

namespace san {

struct Module_version {
    int major = 0;
    int minor = 0;
    int patch = 0;

    /// "9.2.1", also with more behind it, such as "8.4.11-1" or "9.3.0-rc.1". Errors: misconfigured
    static Module_version parse(std::string_view text);
    std::string to_text() const;
    friend auto operator<=>(const Module_version&, const Module_version&) = default;

    /// Roles of resources, several peers, quorum.
    bool is_9() const { return major >= 9; }
};

namespace replica {

/// Of the module that is loaded, else of the one that would be. Errors: not_installed when there is
/// none.
Module_version find_module(const Files& files, Commands& commands, const Deadline& deadline);

}  // namespace replica
}  // namespace san
