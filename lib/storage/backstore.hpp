// SPDX-License-Identifier: GPL-2.0-or-later
// LIO's backstores: the device or file behind a logical unit, as an object of the kernel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/configfs.hpp"
#include "kernel/files.hpp"
#include "storage/names.hpp"

namespace san {

/// What a path stands for on this node.
struct Backing {
    enum class Type { block, file };
    Type type = Type::block;
    std::string path{};
    Device_number number{};    ///< of a block device
    std::uintmax_t bytes = 0;  ///< of a file
    /// Whether what was written may be in memory only until the initiator flushes it. Of a file;
    /// the kernel then says so to initiators (fd_configure_device, target_core_file.c, 6.1).
    bool buffered = false;

    /// By what the path is. Nothing when it is neither a block device nor a file, or absent.
    static std::optional<Backing> find(const Backing_path& path, const Files& files);

    /// LIO's driver for it: "iblock" or "fileio".
    std::string plugin() const { return type == Type::block ? "iblock" : "fileio"; }
    /// What is written to `control` of a new backstore.
    std::string options() const;
    /// Whether `info` of a backstore in use speaks of this device or file.
    bool is_in(const std::string& info) const;
    /// Whether it is open as wanted, buffered or not.
    bool has_mode_in(const std::string& info) const;
};

/// The driver that the administrator wants, in targetcli's words.
struct Backstore_word {
    Backing::Type type = Backing::Type::block;
    /// Errors  misconfigured
    static Backstore_word parse(std::string_view text);
};

namespace lio {

/// The block device of which `info` of a backstore in use speaks; nothing when it speaks of a file.
std::optional<Device_number> device_number(const std::string& info);

/// The backstores of that name, in any HBA.
std::vector<Configfs::Path> backstores(const std::string& name, const Configfs& configfs);

/// All backstores, of every driver.
std::vector<Configfs::Path> backstores(const Configfs& configfs);

/// Where a new backstore is made.
///
/// One HBA per unit, as targetcli makes them, but with a number that follows from the name instead
/// of the lowest free one: starts do not race for a number, and one that was killed leaves nothing
/// that the next would not find. Two units that meet in one HBA share it.
Configfs::Path new_backstore(const std::string& name, const Backing& backing);

/// HBAs with the number of that name and nothing inside, of any driver: what a start leaves that is
/// killed before it has made the backstore, and a stop that is killed after it has removed it.
std::vector<Configfs::Path> empty_hbas(const std::string& name, const Configfs& configfs);

}  // namespace lio
}  // namespace san
