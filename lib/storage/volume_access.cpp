// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_access.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::volume_group {

namespace {

bool has(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

/// RHEL 9 lists the devices that LVM may look at in a file, lvmdevices(8).
bool uses_devices_file(Commands& commands, const Deadline& deadline) {
    return lvm::setting(commands, "devices/use_devicesfile", deadline) == "1";
}

void check_duplicates(const lvm::Group& group, const Wish& wish, Commands& commands,
                      const Deadline& deadline) {
    for (const auto& one : group.physical) {
        if (!one.is_duplicate) continue;
        auto good = std::string{"another device"}, bad = one.name;
        for (const auto& other : group.physical)
            if (other.uuid == one.uuid && !other.is_duplicate) good = other.name;
        // What a replicated device lies on must not be written past it.
        if (bad.starts_with("/dev/drbd")) std::swap(good, bad);
        const auto cure = uses_devices_file(commands, deadline)
                              ? "lvmdevices --deldev " + bad
                              : "add \"r|^" + bad + "$|\" to global_filter in lvm.conf";
        throw Error{Kind::wrong_on_this_node, wish.subject.group.to_text() + " is on " + good +
                                                  " and on " + bad + ": " + cure};
    }
}

void check_protection(const Wish& wish, const lvm::Group& group, bool is_active, Commands& commands,
                      const Deadline& deadline) {
    const auto& name = wish.subject.group.to_text();
    const bool by_lock = wish.access == Access::Mode::lvmlockd;
    if (group.is_shared() != by_lock)
        throw Error{Kind::wrong_on_this_node,
                    by_lock ? name + " has no lock type: vgchange --lock-type dlm " + name
                            : name + " has the lock type " + group.lock_type +
                                  ": expected vg_access_mode=lvmlockd"};
    if (by_lock) {
        if (lvm::setting(commands, "global/use_lvmlockd", deadline) != "1")
            throw Error{Kind::wrong_on_this_node, "add use_lvmlockd = 1 to global in lvm.conf"};
        return;
    }
    const auto stray = [&](const std::string& owner) {
        return Error{Kind::failed, name + " is active outside of the cluster, " + owner +
                                       ": vgchange --setautoactivation n " + name};
    };
    if (wish.access == Access::Mode::tagging && is_active && !has(group.tags, wish.tag))
        throw stray("without the tag " + wish.tag);
    if (wish.access != Access::Mode::system_id && group.system_id.empty()) return;
    const auto own = lvm::own_system_id(commands, deadline);
    if (wish.access != Access::Mode::system_id) {
        if (group.system_id != own)
            throw Error{Kind::wrong_on_this_node, name + " belongs to the system id " +
                                                      group.system_id +
                                                      ": expected vg_access_mode=system_id"};
        return;
    }
    if (own.empty())
        throw Error{Kind::wrong_on_this_node,
                    "this node has no system id: add system_id_source = \"uname\" to global in "
                    "lvm.conf"};
    if (is_active && group.system_id != own)
        throw stray(group.system_id.empty() ? "owned by nobody" : "owned by " + group.system_id);
}

/// Names of the cluster's nodes, which are their system ids too when those come from uname.
std::vector<std::string> cluster_nodes(Commands& commands, const Deadline& deadline) {
    // "1 alice member"
    const auto outcome = commands.run({"crm_node", "-l"}, deadline);
    std::vector<std::string> names;
    if (!outcome.ok()) return names;
    const auto words = text::words(outcome.out);
    for (std::size_t at = 1; at < words.size(); at += 3) names.push_back(words[at]);
    return names;
}

void take_tag(const Wish& wish, const lvm::Group& group, const Claims& claims, Commands& commands,
              const Deadline& deadline) {
    const auto& name = wish.subject.group.to_text();
    if (!group.tags.empty())
        throw Error{Kind::wrong_on_this_node,
                    name + " has the tag " + text::joined(group.tags, ", ") +
                        ", not ours: if nobody uses it, vgchange --addtag " + wish.tag + " " +
                        name};
    claims.note({.tag = wish.tag});
    commands.must({"vgchange", "--addtag", wish.tag, name}, deadline);
    log::info("volume group ", name, ": tag ", wish.tag, " set");
}

void take_system_id(const Wish& wish, const lvm::Group& group, const std::string& own,
                    const Claims& claims, Commands& commands, const Deadline& deadline) {
    const auto& name = wish.subject.group.to_text();
    std::vector<std::string> argv{"vgchange", "--yes"};
    if (wish.majority) argv.emplace_back("--majoritypvs");
    if (group.system_id.empty()) {
        claims.note({.system_id = own});
    } else {
        const auto nodes = cluster_nodes(commands, deadline);
        if (!has(nodes, group.system_id))
            throw Error{Kind::wrong_on_this_node,
                        name + " belongs to " + group.system_id +
                            ", which is no node of this cluster: there, vgchange --systemid " +
                            own + " " + name};
        argv.insert(argv.end(),
                    {"--config", "local/extra_system_ids=[\"" + group.system_id + "\"]"});
    }
    argv.insert(argv.end(), {"--systemid", own, name});
    commands.must(argv, deadline);
    log::info("volume group ", name, ": system id ", own,
              group.system_id.empty() ? "" : " instead of ", group.system_id);
}

}  // namespace

Access Access::parse(std::string_view text) {
    if (text == "none") return Mode::none;
    if (text == "tagging") return Mode::tagging;
    if (text == "system_id") return Mode::system_id;
    if (text == "lvmlockd") return Mode::lvmlockd;
    // clvmd ended with LVM 2.03.
    throw Error{Kind::misconfigured, "expected system_id, tagging, lvmlockd or none"};
}

Tag Tag::parse(std::string_view text) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-/=!:&#";
    constexpr std::size_t longest = 1024;
    if (text.empty() || text.size() > longest || text.front() == '-' ||
        text.find_first_not_of(allowed) != std::string_view::npos)
        throw Error{Kind::misconfigured,
                    "expected a tag of letters, digits and _ + . - / = ! : & #"};
    return Tag{std::string{text}};
}

void check(const Wish& wish, const lvm::Group& group, bool is_active, Commands& commands,
           const Deadline& deadline) {
    const auto& name = wish.subject.group.to_text();
    check_duplicates(group, wish, commands, deadline);
    if (group.is_exported)
        throw Error{Kind::wrong_on_this_node, name + " is exported: vgimport " + name};
    if (group.missing() > 0 && !wish.tolerates_missing())
        throw Error{Kind::failed, "volume group " + name + " misses " +
                                      std::to_string(group.missing()) + " of " +
                                      std::to_string(group.physical.size()) + " physical volumes"};
    check_protection(wish, group, is_active, commands, deadline);
}

Change claim(const Wish& wish, const lvm::Group& group, const Claims& claims, Commands& commands,
             const Deadline& deadline) {
    switch (wish.access.mode()) {
        case Access::Mode::none:
            return Change::none;
        case Access::Mode::tagging:
            if (has(group.tags, wish.tag)) return Change::none;
            take_tag(wish, group, claims, commands, deadline);
            return Change::made;
        case Access::Mode::system_id: {
            const auto own = lvm::own_system_id(commands, deadline);
            if (group.system_id == own) return Change::none;
            take_system_id(wish, group, own, claims, commands, deadline);
            return Change::made;
        }
        case Access::Mode::lvmlockd:
            // Nothing happens when the lockspace is there.
            commands.must({"vgchange", "--lockstart", wish.subject.group.to_text()}, deadline);
            return Change::none;
    }
    return Change::none;
}

Change give_back(const Subject& subject, const Claims& claims, Commands& commands,
                 const Deadline& deadline) {
    const auto claim = claims.read();
    const auto& name = subject.group.to_text();
    if (!claim.tag && !claim.system_id) {
        claims.forget();
        return Change::none;
    }
    // Gone when the start was killed before it, or when others have changed it meanwhile.
    const auto group = lvm::find_group(commands, subject.group, deadline);
    if (group && claim.tag && has(group->tags, *claim.tag))
        commands.must({"vgchange", "--deltag", *claim.tag, name}, deadline);
    if (group && claim.system_id && group->system_id == *claim.system_id)
        commands.must({"vgchange", "--yes", "--systemid", "", name}, deadline);
    claims.forget();
    return Change::made;
}

Error unseen(std::string_view parameter, const Subject& subject, Commands& commands,
             const Deadline& deadline) {
    Error problem{Kind::wrong_on_this_node,
                  std::string{parameter} + "=" + text::quoted(subject.group.to_text()) +
                      ": expected a volume group that LVM sees on this node"};
    if (!uses_devices_file(commands, deadline)) return problem;
    const auto group = lvm::find_group(commands, subject.group, deadline, {"--devicesfile", ""});
    if (group) problem.also("lvmdevices --adddev " + group->physical.front().name);
    return problem;
}

}  // namespace san::volume_group
