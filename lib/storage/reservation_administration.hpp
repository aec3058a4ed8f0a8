// SPDX-License-Identifier: GPL-2.0-or-later
// What an administrator sees of kept reservations, and how he drops them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"

namespace san {

class Reservation_administration {
public:
    Reservation_administration(Commands& commands, const Files& files, const Configfs& configfs)
        : commands_{commands}, files_{files}, configfs_{configfs} {}

    /// Everything kept, in lines; of the cluster, or of a directory.
    ///
    /// Errors  failed, not_installed
    std::string list(const std::optional<std::filesystem::path>& directory,
                     const Deadline& deadline) const;

    /// Drops what is kept of a unit, which is told by its name or by its serial number. Returns
    /// what to tell.
    ///
    /// Errors  failed when nothing is kept; as list
    std::string drop(const std::string& unit, const std::optional<std::filesystem::path>& directory,
                     const Deadline& deadline) const;

private:
    bool is_live_here(const std::string& serial) const;
    Commands& commands_;
    const Files& files_;
    const Configfs& configfs_;
};

}  // namespace san
