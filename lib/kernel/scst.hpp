// SPDX-License-Identifier: GPL-2.0-or-later
// SCST's tree in sysfs: objects are directories that commands make, and relations are links.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace san {

/// Paths are relative to /sys/kernel/scst_tgt, such as "devices/disk1/usn". The system calls as
/// they are: what becomes of a write that is queued is told by scst::submit().
class Scst_tree {
public:
    using Path = std::filesystem::path;
    virtual ~Scst_tree() = default;

    struct Answer {
        int errnum = 0;  ///< of open(2) or read(2)
        std::string text{};
    };

    /// Whether SCST's core is in this kernel.
    virtual bool is_loaded() const = 0;
    virtual bool has(const Path& entry) const = 0;
    /// Everything in a directory, sorted; nothing when there is no such directory.
    virtual std::vector<std::string> names(const Path& directory) const = 0;
    /// Where a link points to, as a path of the tree; nothing when it is absent.
    virtual std::optional<Path> find_link(const Path& link) const = 0;
    /// One read(2).
    virtual Answer read(const Path& attribute) const = 0;
    /// One write(2) of the exact bytes, which can wait for as long as a device does. Returns 0 or
    /// the errno, be it of open(2).
    virtual int write(const Path& attribute, std::string_view data) = 0;
    /// Waits until no other process of this node writes here, for as long as that takes, and keeps
    /// the others waiting while the result lives. Errors: failed
    virtual std::shared_ptr<void> lock() = 0;
};

/// The kernel's tree, and the file by which its writers on this node take turns.
std::unique_ptr<Scst_tree> make_scst_tree(Scst_tree::Path root = "/sys/kernel/scst_tgt",
                                          std::filesystem::path lock = "/run/san-scst.lock");

}  // namespace san
