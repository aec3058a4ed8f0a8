// SPDX-License-Identifier: GPL-2.0-or-later
// What lvm.conf says about which devices are looked at, and what is activated at boot.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace san::stack {

using Words = std::vector<std::string>;

struct Lvm_settings {
    Words filter{};
    Words global_filter{};
    bool use_devices_file = false;
    bool scan_lvs = false;
    /// What may be activated by itself; nothing: all. An empty list: none.
    std::optional<Words> auto_activation{};
    /// What /etc/lvm/devices/system.devices lists; nothing when there is no such file.
    std::optional<Words> devices{};

    /// Shape   lvm.conf(5), or what `lvmconfig --typeconfig full` prints
    static Lvm_settings parse(const std::string& text);

    /// Whether LVM looks at a device of that name for physical volumes.
    ///
    /// Shape   names are all paths by which the device is known
    /// Source  lvm.conf(5): the first pattern that matches a name decides for it; a device is
    /// looked
    ///         at when one of its names is accepted, or none is mentioned
    bool looks_at(const Words& names) const;
    /// Whether a volume group may be activated at boot, as far as this file is asked.
    bool may_activate(const std::string& group) const;
};

/// The paths in a devices file.
Words devices_in(const std::string& system_devices);

}  // namespace san::stack
