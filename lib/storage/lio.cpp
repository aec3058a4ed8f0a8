// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/lio.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::lio {

namespace {

std::vector<std::string> names(const Configfs& configfs, const Configfs::Path& directory) {
    return configfs.find_entries(directory).value_or(std::vector<std::string>{});
}

/// The directories "lun_*"; an access entry has default groups beside them.
std::vector<Lun> luns(const Configfs& configfs, const Configfs::Path& directory) {
    std::vector<Lun> found;
    for (const auto& name : names(configfs, directory))
        if (name.starts_with("lun_"))
            found.push_back({directory / name, links(configfs, directory / name)});
    return found;
}

Portal_group portal_group(const Configfs& configfs, const Configfs::Path& at) {
    Portal_group group{.at = at,
                       .enabled = configfs.find(at / "enable") == "1",
                       .portals = names(configfs, at / "np"),
                       .luns = luns(configfs, at / "lun")};
    for (const auto& initiator : names(configfs, at / "acls")) {
        const auto acl = at / "acls" / initiator;
        group.acls.push_back({.at = acl,
                              .tag = configfs.find(acl / "tag").value_or(""),
                              .luns = luns(configfs, acl)});
    }
    return group;
}

void load_module(Commands& commands, const std::string& module, const Deadline& deadline) {
    const auto outcome = commands.run({"modprobe", module}, deadline);
    if (!outcome.ok())
        throw Error{Kind::not_installed, "kernel module " + module + ": " + outcome.complaint()};
}

}  // namespace

Configfs::Path target_directory(const Iscsi_name& iqn) { return fabric / iqn.to_text(); }

Configfs::Path group_directory(const Iscsi_name& iqn) { return target_directory(iqn) / "tpgt_1"; }

Links links(const Configfs& configfs, const Configfs::Path& directory) {
    Links found;
    for (const auto& name : names(configfs, directory))
        if (const auto target = configfs.find_link(directory / name)) found.emplace(name, *target);
    return found;
}

bool has_luns(const Configfs& configfs, const Configfs::Path& acl) {
    return has_others(configfs, acl, {});
}

bool has_others(const Configfs& configfs, const Configfs::Path& acl, const Configfs::Path& lun) {
    const auto inside = names(configfs, acl);
    return std::any_of(inside.begin(), inside.end(), [&](const std::string& name) {
        return name.starts_with("lun_") && acl / name != lun;
    });
}

std::vector<Portal_group> portal_groups(const Configfs& configfs, const Configfs::Path& target) {
    std::vector<Portal_group> groups;
    for (const auto& name : names(configfs, target))
        if (name.starts_with("tpgt_")) groups.push_back(portal_group(configfs, target / name));
    return groups;
}

std::vector<Portal> portals(const Configfs& configfs, const Configfs::Path& group) {
    std::vector<Portal> found;
    for (const auto& name : names(configfs, group / "np")) try {
            found.push_back(Portal::parse(name));
        } catch (const Error& problem) {
            // Nobody has configured it: what is misconfigured is "nothing to stop".
            throw Error{Kind::failed,
                        "the kernel's portal " + text::quoted(name) + ": " + problem.what()};
        }
    return found;
}

void remove(Plan& plan, const Lun& lun, const std::string& whose) {
    const auto name = lun.at.filename().string() + whose;
    for (const auto& [link, target] : lun.links)
        plan.steps.push_back({.act = Step::Act::unlink,
                              .at = lun.at / link,
                              .name = "link of " + name,
                              .task = "draining " + name});
    plan.steps.push_back({.act = Step::Act::remove, .at = lun.at, .name = name});
}

void remove(Plan& plan, const Acl& acl) {
    plan.steps.push_back({.act = Step::Act::remove,
                          .at = acl.at,
                          .name = "access for " + acl.initiator(),
                          .optional = true});
}

void load(Configfs& configfs, Commands& commands, const Deadline& deadline) {
    if (configfs.has(fabric)) return;
    if (!configfs.has(core)) load_module(commands, "target_core_mod", deadline);
    // systemd mounts it where it runs; containers and rescue systems have only the module.
    if (!configfs.has(core))
        commands.must({"mount", "-t", "configfs", "configfs", "/sys/kernel/config"}, deadline);
    load_module(commands, "iscsi_target_mod", deadline);
    configfs.make(fabric);
}

void allow_reservations(const Configfs& configfs, const Files& files) try {
    const auto notes = configfs.find(core.parent_path() / "dbroot");
    if (!notes) return;
    const auto directory = std::filesystem::path{*notes} / "pr";
    if (files.make_directory(directory) == Change::made)
        log::info(directory.string(), " made, for persistent reservations");
} catch (const Error& failure) {
    log::warning("initiators cannot make persistent reservations: ", failure.what());
}

}  // namespace san::lio
