// SPDX-License-Identifier: GPL-2.0-or-later
// What LVM's tools know of a volume group: its metadata, which no kernel interface shows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "storage/volume_group.hpp"

namespace san::lvm {

/// One object of a report: its fields by their names.
using Row = std::map<std::string, std::string>;

/// The rows of a report in JSON (--reportformat json): the objects that hold nothing but text.
///
/// Errors  failed when it is no such report
/// Source  lvmreport(7)
std::vector<Row> rows(std::string_view report);

struct Physical_volume {
    std::string name;  ///< a path; "[unknown]" when it is missing
    std::string uuid{};
    bool is_missing = false;
    bool is_duplicate = false;  ///< LVM sees it on another device as well, and takes that one
};

struct Group {
    std::string uuid;
    std::string system_id{};  ///< of the host that owns it; empty: anybody
    std::vector<std::string> tags{};
    std::string lock_type{};  ///< "dlm", "sanlock"; empty or "none" when it is not shared
    bool is_exported = false;
    std::vector<Physical_volume> physical{};

    bool is_shared() const { return !lock_type.empty() && lock_type != "none"; }
    std::size_t missing() const;
};

/// The group as LVM sees it on this node, whoever owns it; nothing when it does not.
///
/// Errors  failed when LVM does not answer, or when two groups have the name
Group group_of(const std::vector<Row>& rows, const Vg_name& name);
std::optional<Group> find_group(Commands& commands, const Vg_name& name, const Deadline& deadline,
                                const std::vector<std::string>& options = {});

/// Whether the group has a volume of that name, active or not.
///
/// Errors  failed when LVM does not answer
bool has_volume(Commands& commands, const Vg_name& group, const Lv_name& volume,
                const Deadline& deadline);

/// A setting as LVM takes it, such as "activation/volume_list"; empty when it has no value.
std::string setting(Commands& commands, const std::string& name, const Deadline& deadline);

/// This node's system id; empty when it has none.
std::string own_system_id(Commands& commands, const Deadline& deadline);

}  // namespace san::lvm
