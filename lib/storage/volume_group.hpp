// SPDX-License-Identifier: GPL-2.0-or-later
// An LVM volume group on this node. What is active is asked of device-mapper, never of LVM's tools:
// they may block on a dead device, and their answers are text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/mapper.hpp"
#include "kernel/system.hpp"

namespace san {

class Vg_name {
public:
    /// Source  "VALID NAMES" in lvm(8)
    /// Errors  misconfigured
    static Vg_name parse(std::string_view text);
    const std::string& to_text() const { return name_; }

private:
    explicit Vg_name(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

namespace volume_group {

/// The group part of a device-mapper name, in which LVM doubles the hyphens of both parts:
/// "vg--a-lv--1" belongs to "vg-a". Empty when the name has no second part.
std::string group_of(std::string_view mapped_name);

/// The group's devices among those of the node.
std::vector<Mapped_device> members(const std::vector<Mapped_device>& devices, const Vg_name& name);

/// What is wrong with active volumes, one sentence each; empty when all can do I/O.
///
/// Source  lvm2 maps what it cannot find to the "error" target when a group is activated in part
std::vector<std::string> faults(const std::vector<Mapped_device>& members, const Files& files);

/// Makes every volume of the group usable here.
///
/// Errors  wrong_on_this_node when LVM does not see the group here, failed otherwise
Change activate(System& node, const Vg_name& name, const Deadline& deadline);

/// Takes every volume of the group away: with LVM's tool, and without it when that fails.
Change deactivate(System& node, const Vg_name& name, const Deadline& deadline);

}  // namespace volume_group
}  // namespace san
