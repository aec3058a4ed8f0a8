// SPDX-License-Identifier: GPL-2.0-or-later
// An LVM volume group on this node, as device-mapper has it. What is active is asked of
// device-mapper, never of LVM's tools: they may block on a dead device.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/mapper.hpp"
#include "storage/device_users.hpp"

namespace san {

class Vg_name {
public:
    /// Source  "VALID NAMES" in lvm(8)
    /// Errors  misconfigured
    static Vg_name parse(std::string_view text);
    const std::string& to_text() const { return name_; }
    friend bool operator==(const Vg_name&, const Vg_name&) = default;

private:
    explicit Vg_name(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

class Lv_name {
public:
    /// As Vg_name.
    static Lv_name parse(std::string_view text);
    const std::string& to_text() const { return name_; }

private:
    explicit Lv_name(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

namespace volume_group {

/// What a resource is about: a group, or one volume of it.
struct Subject {
    Vg_name group;
    std::optional<Lv_name> volume{};

    /// As LVM's tools take it: "vg" or "vg/lv".
    std::string to_text() const;
};

using Members = std::vector<Mapped_device>;

/// The group part of a device-mapper name, in which LVM doubles the hyphens of both parts:
/// "vg--a-lv--1" belongs to "vg-a". Empty when the name has no second part.
std::string group_of(std::string_view mapped_name);

/// device-mapper's name of a volume.
std::string mapped_name(const Vg_name& group, const Lv_name& volume);

/// The group's devices among those of the node.
Members members(Mapper& mapper, const Vg_name& name);

/// Those on which none of the others lies: what users see, and what stop has to begin with.
Members tops(const Members& members);

/// Those of `members` that belong to the subject: all of a group; a volume and what lies below it,
/// nothing when the volume itself is not there.
Members of(const Subject& subject, const Members& members);

std::vector<device_users::Device> as_devices(const Members& members);

}  // namespace volume_group
}  // namespace san
