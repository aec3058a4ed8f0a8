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

    /// Nothing when it is neither a block device nor a file, or absent.
    static std::optional<Backing> find(const Backing_path& path, const Files& files);

    /// LIO's driver for it: "iblock" or "fileio".
    std::string plugin() const { return type == Type::block ? "iblock" : "fileio"; }
    /// What is written to `control` of a new backstore.
    std::string options() const;
    /// Whether `info` of a backstore in use speaks of this device or file.
    bool is_in(const std::string& info) const;
};

namespace lio {

/// The backstores of that name, in any HBA.
std::vector<Configfs::Path> backstores(const std::string& name, const Configfs& configfs);

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
