// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/lio_status.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "storage/lio.hpp"

namespace san::stack {

std::uint64_t size_of(const std::string& device, const Files& files) {
    if (device.empty()) return 0;
    if (const auto number = files.find_block_device(device)) {
        // Source  size_show, block/genhd.c: in sectors of 512 bytes, whatever the device has
        const auto sectors = files.find("/sys/dev/block/" + number->to_text() + "/size");
        return 512 * text::number<std::uint64_t>(text::trimmed(sectors.value_or(""))).value_or(0);
    }
    return files.find_size(device).value_or(0);
}

namespace {

Unit_status lio_unit(const lio::Lun& lun, const Configfs& configfs, const Files& files) {
    constexpr std::string_view prefix = "lun_";
    Unit_status unit{
        .number = text::number<std::uint64_t>(lun.at.filename().string().substr(prefix.size()))
                      .value_or(0)};
    for (const auto& [name, backstore] : lun.links) {
        if (!backstore.string().starts_with(lio::core.string())) continue;
        unit.device = text::trimmed(configfs.find(backstore / "udev_path").value_or(""));
        unit.usable = configfs.find(backstore / "enable") == "1";
    }
    unit.size = size_of(unit.device, files);
    return unit;
}

/// Source  target_stat_scsi_att_intr_port and lio_target_nacl_info_show, 6.1: an entry's `info`
///         has "InitiatorName: NAME" and a connection's "Address ADDRESS TCP"; the names of
///         sessions without one are in dynamic_sessions, separated by NULs
std::vector<Session_status> lio_sessions(const lio::Portal_group& group, const Configfs& configfs) {
    std::vector<Session_status> found;
    for (const auto& acl : group.acls) {
        const auto info = configfs.find(acl.at / "info").value_or("");
        if (info.find("InitiatorName:") == std::string::npos) continue;
        Session_status session{.initiator = acl.initiator()};
        // The last one: what the initiator says of itself, its alias, stands before.
        const auto words = text::words(info);
        const auto at = std::find(words.rbegin(), words.rend(), "Address");
        if (at != words.rend() && at != words.rbegin()) session.address = *(at - 1);
        found.push_back(std::move(session));
    }
    auto dynamic = configfs.find(group.at / "dynamic_sessions").value_or("");
    std::replace(dynamic.begin(), dynamic.end(), '\0', ' ');
    for (const auto& initiator : text::words(dynamic)) found.push_back({.initiator = initiator});
    return found;
}

}  // namespace

std::vector<Target_status> look_at_lio(const Configfs& configfs, const Files& files) {
    std::vector<Target_status> found;
    for (const auto& name :
         configfs.find_entries(lio::fabric).value_or(std::vector<std::string>{})) {
        if (!name.starts_with("iqn.") && !name.starts_with("eui.") && !name.starts_with("naa."))
            continue;
        Target_status target{.name = name, .by = "LIO", .enabled = false};
        for (const auto& group : lio::portal_groups(configfs, lio::fabric / name)) {
            target.enabled |= group.enabled;
            target.portals.insert(target.portals.end(), group.portals.begin(), group.portals.end());
            for (const auto& lun : group.luns)
                target.units.push_back(lio_unit(lun, configfs, files));
            for (auto& session : lio_sessions(group, configfs))
                target.sessions.push_back(std::move(session));
        }
        found.push_back(std::move(target));
    }
    return found;
}

}  // namespace san::stack
