// SPDX-License-Identifier: GPL-2.0-or-later
// configfs: objects are directories, relations are symbolic links, attributes are files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/change.hpp"

namespace san {

/// Paths are relative to the mount, such as "target/iscsi". Entries that are gone are facts, not
/// failures; every other errno is an Error whose errnum() tells which.
class Configfs {
public:
    using Path = std::filesystem::path;
    virtual ~Configfs() = default;

    /// An attribute's value without surrounding white space; nothing when it is absent.
    virtual std::optional<std::string> find(const Path& attribute) const = 0;
    /// Whether there is such a directory. Does not look inside, which would wait for whoever
    /// removes something there (configfs_dir_open, fs/configfs/dir.c, 6.1).
    virtual bool has(const Path& directory) const = 0;
    /// Names of the directories and links inside, sorted; nothing when there is no such directory.
    virtual std::optional<std::vector<std::string>> find_entries(const Path& directory) const = 0;
    /// Where a link points to, as a path relative to the mount; nothing when it is absent.
    virtual std::optional<Path> find_link(const Path& link) const = 0;

    /// One write(2) of the exact bytes: some attributes keep a newline as part of the value.
    virtual void write(const Path& attribute, std::string_view value) = 0;
    virtual Change make(const Path& directory) = 0;
    virtual Change remove(const Path& directory) = 0;
    virtual Change link(const Path& link, const Path& target) = 0;
    virtual Change unlink(const Path& link) = 0;
};

class Mounted_configfs final : public Configfs {
public:
    explicit Mounted_configfs(Path mount = "/sys/kernel/config") : mount_{std::move(mount)} {}

    std::optional<std::string> find(const Path& attribute) const override;
    bool has(const Path& directory) const override;
    std::optional<std::vector<std::string>> find_entries(const Path& directory) const override;
    std::optional<Path> find_link(const Path& link) const override;
    void write(const Path& attribute, std::string_view value) override;
    Change make(const Path& directory) override;
    Change remove(const Path& directory) override;
    Change link(const Path& link, const Path& target) override;
    Change unlink(const Path& link) override;

private:
    Path mount_;
};

}  // namespace san
