// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper: what is active, what is open, what lies below.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "kernel/files.hpp"

namespace san {

/// One line of a table.
struct Mapping {
    std::string type;        ///< "linear", "striped", "error", ...
    std::string parameters;  ///< as the kernel prints them
    friend bool operator==(const Mapping&, const Mapping&) = default;
};

struct Mapped_device {
    std::string name;
    std::string uuid;  ///< LVM's begin with "LVM-", then the ids of group and volume
    Device_number number;
    unsigned open_count = 0;
    bool suspended = false;
    bool has_live_table = false;
    std::vector<Mapping> table{};
    std::vector<Device_number> below{};  ///< devices the live table uses
    friend bool operator==(const Mapped_device&, const Mapped_device&) = default;
};

class Mapper {
public:
    virtual ~Mapper() = default;

    /// Every mapped device of the node; none when the driver is not loaded.
    virtual std::vector<Mapped_device> devices() = 0;

    /// Each line of one device's live table, with its status instead of its parameters: what the
    /// target itself says of its health. Waits for no I/O. Nothing when it is no mapped device.
    /// Source  DM_TABLE_STATUS with DM_NOFLUSH_FLAG, linux/dm-ioctl.h
    virtual std::optional<std::vector<Mapping>> find_status(const Device_number& number) = 0;

    /// Errors  failed with EBUSY when it is open
    virtual Change remove(const std::string& name) = 0;
};

/// device-mapper's own. libsan-mapper is loaded at the first question, but not for a status:
/// libdevmapper brings libudev, libselinux and what they need, which would be a third of what a
/// monitor costs.
/// Errors  of devices and remove as well: not_installed when it cannot be loaded
std::unique_ptr<Mapper> make_mapper();

}  // namespace san
