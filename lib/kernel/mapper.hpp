// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper: what is active, what is open, what lies below.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
    /// Whether a device is meant, by its name.
    using Wanted = std::function<bool(std::string_view name)>;

    virtual ~Mapper() = default;

    /// The mapped devices of the node that are wanted, in the kernel's order; none when the driver
    /// is not loaded. The others cost next to nothing.
    /// Source  DM_LIST_DEVICES, DM_TABLE_STATUS and DM_TABLE_DEPS, linux/dm-ioctl.h
    virtual std::vector<Mapped_device> devices_named(const Wanted& wanted) = 0;
    /// Every mapped device of the node.
    std::vector<Mapped_device> devices() {
        return devices_named([](std::string_view) { return true; });
    }

    /// Each line of one device's live table, with its status instead of its parameters: what the
    /// target itself says of its health. Waits for no I/O. Nothing when it is no mapped device.
    /// Source  DM_TABLE_STATUS with DM_NOFLUSH_FLAG, linux/dm-ioctl.h
    virtual std::optional<std::vector<Mapping>> find_status(const Device_number& number) = 0;

    /// Errors  failed with EBUSY when it is open
    /// Source  DM_DEV_REMOVE, linux/dm-ioctl.h
    virtual Change remove(const std::string& name) = 0;
};

/// device-mapper's own, by its ioctls. Nothing is opened, and no driver loaded, before it is asked.
std::unique_ptr<Mapper> make_mapper();

}  // namespace san
