// SPDX-License-Identifier: GPL-2.0-or-later
// /proc, /sys, /dev and /run: the real root, or a temporary one in tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/change.hpp"
#include "base/fd.hpp"

namespace san {

struct Device_number {
    unsigned major = 0;
    unsigned minor = 0;
    std::string to_text() const { return std::to_string(major) + ":" + std::to_string(minor); }
    friend bool operator==(const Device_number&, const Device_number&) = default;
};

class Files {
public:
    explicit Files(std::filesystem::path root = "/") : root_{std::move(root)} {}

    bool exists(const std::filesystem::path& path) const;
    /// The whole file, or nothing when it is absent. Errors: failed for any other errno.
    std::optional<std::string> find(const std::filesystem::path& path) const;
    /// The names in a directory, sorted; empty when it is absent.
    std::vector<std::string> names(const std::filesystem::path& path) const;
    /// The number of a block device, through links; nothing when absent or something else.
    std::optional<Device_number> find_block_device(const std::filesystem::path& path) const;
    /// What a link says; nothing when absent or no link.
    std::optional<std::string> find_link(const std::filesystem::path& path) const;
    bool is_regular(const std::filesystem::path& path) const;
    /// Whether a regular file belongs to the user we are, and nobody else may read or write it.
    bool is_private(const std::filesystem::path& path) const;
    /// The permission bits of a file or directory, through links; nothing when it is absent.
    std::optional<unsigned> find_mode(const std::filesystem::path& path) const;
    /// The size of a regular file in bytes; nothing when absent or something else.
    std::optional<std::uintmax_t> find_size(const std::filesystem::path& path) const;

    /// Reads the first 4 KiB of a block device or file past the page cache; less where there is
    /// less, nothing where the file system cannot. Waits as long as the device does.
    /// Errors  failed with the errno, which is the device's
    void read_directly(const std::filesystem::path& path) const;

    /// An empty file, with its time set to now, and its directory, open to root alone, if there was
    /// none. Change: none when the file was there. Errors: failed
    Change touch(const std::filesystem::path& path) const;
    /// A file with that content, whole or not at all, and its directory as touch makes it. Change:
    /// none when there was a file, whatever was in it. Errors: failed
    Change replace(const std::filesystem::path& path, std::string_view content) const;
    /// As replace, and on the disk when it returns.
    Change replace_durably(const std::filesystem::path& path, std::string_view content) const;
    /// What a replacement that was killed leaves beside the file.
    static std::filesystem::path unfinished(const std::filesystem::path& path);
    bool is_directory(const std::filesystem::path& path) const;
    /// With all that is missing above it. Change: none when it was there. Errors: failed
    Change make_directory(const std::filesystem::path& path) const;
    /// Waits until nobody else has the directory locked, and keeps it locked while the result
    /// lives; the kernel lets go of it for a process that is killed. A child made meanwhile would
    /// keep it as well. Makes the directory. Errors: failed
    Fd lock(const std::filesystem::path& directory) const;
    /// Readable as soon as somebody closes one of these files after this call; none when the node
    /// has no inotify(7) left. What cannot be watched is left out.
    Fd closings_of(const std::vector<std::filesystem::path>& paths) const;
    /// A symbolic link, in place of whatever had its name. Errors: failed
    void link(const std::filesystem::path& link, const std::filesystem::path& target) const;
    /// The file, made for root alone if there was none, such that each write to it is on the disk
    /// when it returns. False: this file system cannot. Errors: failed
    ///
    /// Source  FS_SYNC_FL in ioctl_iflags(2)
    bool make_synchronous(const std::filesystem::path& path) const;
    /// Removes a directory, if there is nothing in it.
    void remove_if_empty(const std::filesystem::path& path) const;
    /// Change  none when there was no such file. Errors: failed
    Change remove(const std::filesystem::path& path) const;

private:
    Change write(const std::filesystem::path& path, std::string_view content, bool durably) const;
    std::filesystem::path at(const std::filesystem::path& path) const;
    std::filesystem::path root_;
};

}  // namespace san
