// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_group.hpp"

#include <algorithm>

#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"

namespace san {

namespace {

constexpr std::string_view allowed =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-";

// NAME_LEN of lvm2's metadata, less the NUL.
constexpr std::size_t longest_name = 127;

}  // namespace

Vg_name Vg_name::parse(std::string_view text) {
    if (text.empty() || text.size() > longest_name || text.front() == '-' || text == "." ||
        text == ".." || text.find_first_not_of(allowed) != std::string_view::npos)
        throw Error{Kind::misconfigured,
                    "expected a volume group name of letters, digits and + _ . -"};
    return Vg_name{std::string{text}};
}

namespace volume_group {

std::string group_of(std::string_view mapped_name) {
    std::string group;
    for (std::size_t at = 0; at < mapped_name.size(); ++at) {
        if (mapped_name[at] == '-') {
            if (at + 1 == mapped_name.size() || mapped_name[at + 1] != '-') return group;
            ++at;
        }
        group += mapped_name[at];
    }
    return {};
}

std::vector<Mapped_device> members(const std::vector<Mapped_device>& devices, const Vg_name& name) {
    std::vector<Mapped_device> found;
    for (const auto& device : devices)
        if (device.uuid.starts_with("LVM-") && group_of(device.name) == name.to_text())
            found.push_back(device);
    return found;
}

std::vector<std::string> faults(const std::vector<Mapped_device>& members, const Files& files) {
    std::vector<std::string> found;
    for (const auto& device : members) {
        if (!device.has_live_table) found.push_back(device.name + " has no table");
        if (device.suspended) found.push_back(device.name + " is suspended");
        if (std::any_of(device.table.begin(), device.table.end(),
                        [](const Mapping& mapping) { return mapping.type == "error"; }))
            found.push_back(device.name + " misses a physical volume");
        for (const auto& below : device.below)
            if (!files.exists("/sys/dev/block/" + below.to_text()))
                found.push_back(device.name + " lies on device " + below.to_text() +
                                ", which is gone");
    }
    return found;
}

Change activate(System& node, const Vg_name& name, const Deadline& deadline) {
    const auto before = members(node.mapper.devices(), name);
    const auto seen = node.commands.run(
        {"vgs", "--noheadings", "-o", "vg_missing_pv_count", name.to_text()}, deadline);
    if (!seen.ok())
        throw Error{Kind::wrong_on_this_node, "volgrpname=" + text::quoted(name.to_text()) +
                                                  ": expected a volume group that LVM sees on "
                                                  "this node: " +
                                                  seen.complaint()};
    const auto missing = text::number<int>(text::trimmed(seen.out));
    if (!missing)
        throw Error{Kind::failed, "vgs: expected a number, got " + text::quoted(seen.out)};
    if (*missing > 0)
        throw Error{Kind::failed, "volume group " + name.to_text() + " misses " +
                                      std::to_string(*missing) + " physical volumes"};

    node.commands.must({"vgchange", "-ay", name.to_text()}, deadline);
    const auto after = members(node.mapper.devices(), name);
    if (after.empty())
        throw Error{Kind::failed, "volume group " + name.to_text() +
                                      " has no logical volume that can be activated"};
    if (after.size() == before.size()) return Change::none;
    log::info("volume group ", name.to_text(), ": ", after.size(), " volumes active");
    return Change::made;
}

namespace {

/// Removes what no other member lies on, until nothing more goes.
void remove_without_tools(System& node, const Vg_name& name, const Deadline& deadline) {
    Best_effort failures;
    for (bool progress = true; progress && !deadline.expired();) {
        progress = false;
        failures = {};
        const auto left = members(node.mapper.devices(), name);
        for (const auto& device : left) {
            const auto lies_below = [&](const Mapped_device& other) {
                return std::find(other.below.begin(), other.below.end(), device.number) !=
                       other.below.end();
            };
            if (std::any_of(left.begin(), left.end(), lies_below)) continue;
            failures.step([&] {
                // Removing an open device can wait in the kernel; the node must not wait with it.
                node.bounded.run(deadline, [&](const Bounded::Progress& progressing) {
                    progressing("device-mapper to remove " + device.name);
                    return node.mapper.remove(device.name);
                });
                progress = true;
            });
        }
    }
    failures.done();
}

std::string holders(const Files& files, const Mapped_device& device) {
    const auto names = files.names("/sys/dev/block/" + device.number.to_text() + "/holders");
    if (!names.empty()) return device.name + " is used by " + text::joined(names, ", ");
    if (device.open_count > 0)
        return device.name + " is open " + std::to_string(device.open_count) + " times";
    return device.name + " is still there";
}

}  // namespace

Change deactivate(System& node, const Vg_name& name, const Deadline& deadline) {
    if (members(node.mapper.devices(), name).empty()) return Change::none;

    std::string complaint;
    try {
        // Half the time is kept for doing it without the tool.
        const auto outcome = node.commands.run({"vgchange", "-an", name.to_text()},
                                               deadline.within(deadline.left() / 2));
        if (!outcome.ok()) complaint = outcome.complaint();
    } catch (const Error& problem) {
        complaint = problem.what();
    }
    if (!members(node.mapper.devices(), name).empty()) {
        log::warning("vgchange did not deactivate ", name.to_text(), ": ", complaint);
        try {
            remove_without_tools(node, name, deadline);
        } catch (const Error& problem) {
            complaint = problem.what();
        }
    }
    std::vector<std::string> left;
    for (const auto& device : members(node.mapper.devices(), name))
        left.push_back(holders(node.files, device));
    if (!left.empty())
        throw Error{Kind::failed, "volume group " + name.to_text() + ": " +
                                      text::joined(left, ", ") + ": " + complaint};
    return Change::made;
}

}  // namespace volume_group
}  // namespace san
