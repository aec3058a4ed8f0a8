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

/// Where drbdadm knows the resource: in its isolated configuration, which is written to `part`,
/// else in the whole one. Handlers that the kernel calls later read the file with which a replica
/// was made, so it is not only for now.
///
/// Errors  not_installed with what drbdadm complained about. Not misconfigured, which would forbid
///         every node: another one may know the resource
Configuration find_configuration(const std::string& name, const std::filesystem::path& file,
                                 const std::filesystem::path& part, Commands& commands,
                                 const Files& files, const Deadline& deadline);

}  // namespace san::replica
