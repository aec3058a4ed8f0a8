// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/text.hpp"
#include "storage/device_state.hpp"
#include "storage/logical_unit.hpp"

namespace san::logical_unit {

namespace {

using Path = Configfs::Path;

bool leads_to(const lio::Lun& lun, const std::vector<Path>& targets) {
    return std::any_of(lun.links.begin(), lun.links.end(), [&](const auto& link) {
        return std::find(targets.begin(), targets.end(), link.second) != targets.end();
    });
}

/// Takes the LUNs away from every initiator. An entry that existed only for them goes as well.
void remove_maps(Plan& plan, const lio::Portal_group& group, const std::vector<Path>& luns) {
    for (const auto& acl : group.acls) {
        std::size_t removed = 0;
        for (const auto& mapped : acl.luns) {
            const auto same = group.at / "lun" / mapped.at.filename();
            const bool left_over =
                mapped.links.empty() && std::find(luns.begin(), luns.end(), same) != luns.end();
            if (!left_over && !leads_to(mapped, luns)) continue;
            lio::remove(plan, mapped, " for " + acl.initiator());
            ++removed;
        }
        const bool is_of_units = acl.tag == lio::unit_list_tag || acl.tag == lio::registered_tag;
        if (is_of_units && removed == acl.luns.size()) lio::remove(plan, acl);
    }
}

/// Unless others are in it as well.
void remove_hba(Plan& plan, const Path& hba) {
    plan.steps.push_back({.act = Step::Act::remove,
                          .at = hba,
                          .name = "HBA " + hba.filename().string(),
                          .optional = true});
}

}  // namespace

Plan stop_plan(const std::string& name, const std::vector<Path>& backstores,
               const std::vector<lio::Portal_group>& groups, const std::optional<Path>& lun,
               const std::vector<Path>& alua_groups) {
    Plan plan{.subject = subject(name)};
    for (const auto& group : groups) {
        std::vector<Path> ours;
        for (const auto& candidate : group.luns)
            if (leads_to(candidate, backstores) || (candidate.links.empty() && candidate.at == lun))
                ours.push_back(candidate.at);
        if (ours.empty()) continue;
        remove_maps(plan, group, ours);
        for (const auto& candidate : group.luns)
            if (std::find(ours.begin(), ours.end(), candidate.at) != ours.end())
                lio::remove(plan, candidate);
    }
    for (const auto& alua_group : alua_groups)
        plan.steps.push_back({.act = Step::Act::remove,
                              .at = alua_group,
                              .name = "ALUA group " + alua_group.filename().string()});
    for (const auto& device : backstores) {
        plan.steps.push_back({.act = Step::Act::remove,
                              .at = device,
                              .name = "backstore",
                              .task = "closing its device"});
        remove_hba(plan, device.parent_path());
    }
    return plan;
}

namespace {

/// The device of a backstore, and what is known to keep it from answering:
/// "/dev/vg_san/lun1: vg_san-lun1 is suspended".
std::string device_below(const Path& backstore, const Configfs& configfs, const Files& files) {
    auto device = configfs.find(backstore / "udev_path").value_or("");
    if (const auto number = lio::device_number(configfs.find(backstore / "info").value_or("")))
        if (const auto found = device_state::suspended(*number, files); !found.empty())
            device += ": " + text::joined(found, ", ");
    return device;
}

Plan observe_stop_plan(const std::string& name, const std::optional<Path>& lun,
                       const Configfs& configfs, const Files& files) {
    std::vector<lio::Portal_group> groups;
    for (const auto& iqn : configfs.find_entries(lio::fabric).value_or(std::vector<std::string>{}))
        for (auto& group : lio::portal_groups(configfs, lio::fabric / iqn))
            groups.push_back(std::move(group));
    const auto backstores = lio::backstores(name, configfs);
    std::vector<Path> alua_groups;
    for (const auto& device : backstores)
        for (auto& alua_group : alua::groups(configfs, device))
            alua_groups.push_back(std::move(alua_group));
    auto plan = stop_plan(name, backstores, groups, lun, alua_groups);
    // What can hang says on what.
    if (!backstores.empty())
        for (auto& step : plan.steps)
            if (!step.task.empty())
                step.task += ", " + device_below(backstores.front(), configfs, files);
    for (const auto& hba : lio::empty_hbas(name, configfs)) remove_hba(plan, hba);
    return plan;
}

}  // namespace

bool waits_for_device(const std::string& name, const Configfs& configfs, const Files& files) {
    const auto backstores = lio::backstores(name, configfs);
    return std::any_of(backstores.begin(), backstores.end(), [&](const Path& backstore) {
        const auto number = lio::device_number(configfs.find(backstore / "info").value_or(""));
        return number && device_state::is_busy(*number, files);
    });
}

Change stop(const std::string& name, const std::optional<Path>& lun, Configfs& configfs,
            const Files& files, Bounded& bounded, const Deadline& deadline,
            const Bounded::Nudge& nudge) {
    if (!configfs.has(lio::core)) return Change::none;
    return take_down(
        subject(name), [&] { return observe_stop_plan(name, lun, configfs, files); }, configfs,
        bounded, deadline, nudge);
}

}  // namespace san::logical_unit
