// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration of one DRBD resource among those of many. Only what makes a replica reads it;
// one file that somebody is just writing must not take the others with it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "kernel/files.hpp"

namespace san::replica {

/// Where drbdadm(8) finds a resource.
struct Configuration {
    std::filesystem::path file;
    bool stacked = false;  ///< it lies on top of another resource

    /// The words of a command, as an argument vector.
    std::vector<std::string> drbdadm(const std::vector<std::string>& words) const;
};

/// The configuration without all other resources, as the text of a file: the global parts, the file
/// that defines the resource, and those of resources that it names. Nothing when none, or more than
/// one, defines it.
///
/// Source  drbd.conf(5): include statements are relative to the file that has them, and may be
///         patterns of glob(7)
std::optional<std::string> isolated(const std::string& name, const std::filesystem::path& file,
                                    const Files& files);

/// Asks drbdadm whether it knows the resource; if it does not, once more with the isolated text,
/// which is then written to `fallback`, where handlers will look for it later.
///
/// Errors  not_installed with what drbdadm complained about. Not misconfigured, which would forbid
///         every node: another one may know the resource
Configuration find_configuration(const std::string& name, const std::filesystem::path& file,
                                 const std::filesystem::path& fallback, Commands& commands,
                                 const Files& files, const Deadline& deadline);

}  // namespace san::replica
