// SPDX-License-Identifier: GPL-2.0-or-later
// What the cluster passes to an agent: all of it arrives in the environment.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"

namespace san::ocf {

class Environment {
public:
    using Variables = san::Variables;
    explicit Environment(Variables variables) : variables_{std::move(variables)} {}
    /// Of this process.
    static Environment own();

    std::optional<std::string> find(const std::string& variable) const;
    /// An instance parameter; unset and empty are different.
    std::optional<std::string> parameter(const std::string& name) const;
    /// A meta attribute such as "notify_type", "clone_max".
    std::optional<std::string> meta(const std::string& name) const;
    /// A meta attribute that holds node names; the cluster passes an empty list as one blank.
    std::vector<std::string> meta_words(const std::string& name) const;
    /// The first of two generations of names that is set: Pacemaker renamed "master" to "promoted".
    std::vector<std::string> meta_words(const std::string& name, const std::string& legacy) const;

    /// Names of the instance parameters passed, without meta attributes.
    std::vector<std::string> parameter_names() const;

    /// The resource id, with ":N" only for instances of globally unique clones.
    std::string instance() const;
    /// Where agents, ours and the shell's, keep what they have to remember; a boot empties it.
    std::filesystem::path state_directory() const;
    /// A file there. A slash in its name becomes an underscore.
    std::filesystem::path state_file(std::string name) const;
    /// This node's name in the cluster, else its host name.
    std::string node() const;
    /// The cluster's timeout for the action, less a share kept for saying why time ran out.
    std::chrono::milliseconds time_allowed() const;
    /// Whether the resource is a promotable clone, by the names of any generation.
    bool is_promotable() const;
    /// A monitor without an interval: the cluster asks what it finds, it expects nothing.
    bool is_probe() const;
    /// OCF_CHECK_LEVEL; 0 unless it is a number.
    int check_level() const;

private:
    Variables variables_;
};

}  // namespace san::ocf
