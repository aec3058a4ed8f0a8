// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_access.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace san::scst_access {

namespace {

using Talk = Scst_conversation;
using Path = Talk::Path;

constexpr auto group_name = "allowed";

Path groups_of(const Iscsi_name& iqn) { return target_directory(iqn) / "ini_groups"; }
Path own_luns(const Iscsi_name& iqn) { return target_directory(iqn) / "luns"; }
Path group_of(const Iscsi_name& iqn) { return groups_of(iqn) / group_name; }

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

Change copy_luns(const Path& from, const Path& to, const Talk& talk) {
    auto change = Change::none;
    for (const auto& number : talk.objects(from))
        if (const auto device = find_device(from / number, talk))
            change |= add_lun(to, number, *device, talk);
    return change;
}

Change remove_luns(const Path& set, const Talk& talk) {
    auto change = Change::none;
    for (const auto& number : talk.objects(set)) change |= remove_lun(set, number, talk);
    return change;
}

Change add_initiator(const Path& group, const std::string& name, const Talk& talk) {
    const auto at = group / "initiators";
    return talk.make_so({.at = at / "mgmt",
                         .data = "add " + name,
                         .deed = "access for " + name + " added",
                         .is_so = [&] { return talk.has(at / name); }});
}

Change remove_initiator(const Path& group, const std::string& name, const Talk& talk) {
    const auto at = group / "initiators";
    return talk.make_so({.at = at / "mgmt",
                         .data = "del " + name,
                         .deed = "access for " + name + " removed",
                         .is_so = [&] { return !talk.has(at / name); }});
}

Change admit_everybody(const Target& wanted, const Talk& talk) {
    const auto group = group_of(wanted.iqn);
    if (!talk.has(group)) return Change::none;
    // Nobody is without LUNs meanwhile.
    auto change = copy_luns(group / "luns", own_luns(wanted.iqn), talk);
    for (const auto& name : talk.objects(group / "initiators"))
        change |= remove_initiator(group, name, talk);
    return change | talk.make_so({.at = groups_of(wanted.iqn) / "mgmt",
                                  .data = std::string{"del "} + group_name,
                                  .deed = "list of initiators removed",
                                  .is_so = [&] { return !talk.has(group); }});
}

/// Of whoever the list does not name. They have no LUN any more.
void close_sessions(const Target& wanted, const Talk& talk) {
    const auto sessions = target_directory(wanted.iqn) / "sessions";
    for (const auto& session : talk.objects(sessions)) {
        const auto name = talk.find(sessions / session / "initiator_name");
        if (!name || wanted.admits(*name)) continue;
        if (talk.ask(sessions / session / "force_close", "1"))
            log::info(talk.subject(), ": session of ", *name, " ended");
    }
}

}  // namespace

Path target_directory(const Iscsi_name& iqn) { return Path{"targets/iscsi"} / iqn.to_text(); }

std::vector<Path> lun_sets(const Iscsi_name& iqn, const Talk& talk) {
    std::vector<Path> found{own_luns(iqn)};
    for (const auto& group : talk.objects(groups_of(iqn)))
        found.push_back(groups_of(iqn) / group / "luns");
    return found;
}

Path lun_set(const Iscsi_name& iqn, const Talk& talk) {
    return talk.has(group_of(iqn)) ? group_of(iqn) / "luns" : own_luns(iqn);
}

std::optional<std::string> find_device(const Path& lun, const Talk& talk) {
    const auto device = talk.find_link(lun / "device");
    if (!device) return {};
    return device->filename().string();
}

Change add_lun(const Path& set, const std::string& number, const std::string& device,
               const Talk& talk) {
    return talk.make_so({.at = set / "mgmt",
                         .data = "add " + device + " " + number,
                         .deed = "LUN " + number + " added, " + device,
                         .is_so = [&] { return find_device(set / number, talk) == device; }});
}

Change remove_lun(const Path& set, const std::string& number, const Talk& talk) {
    return talk.make_so({.at = set / "mgmt",
                         .data = "del " + number,
                         .deed = "LUN " + number + " removed",
                         .is_so = [&] { return !talk.has(set / number); },
                         .waits_for = "the commands of LUN " + number + " to end"});
}

Change admit(const Target& wanted, const Talk& talk) {
    if (wanted.admits_everybody()) return admit_everybody(wanted, talk);
    const auto group = group_of(wanted.iqn);
    auto change = talk.make_so({.at = groups_of(wanted.iqn) / "mgmt",
                                .data = std::string{"create "} + group_name,
                                .deed = "list of initiators added",
                                .is_so = [&] { return talk.has(group); }});
    // Before those who stay are moved to the group, which shows them its LUNs at once.
    change |= copy_luns(own_luns(wanted.iqn), group / "luns", talk);
    for (const auto& name : wanted.initiators) change |= add_initiator(group, name.to_text(), talk);
    for (const auto& name : talk.objects(group / "initiators"))
        if (!wanted.admits(name)) change |= remove_initiator(group, name, talk);
    change |= remove_luns(own_luns(wanted.iqn), talk);
    close_sessions(wanted, talk);
    return change;
}

std::vector<std::string> faults(const Target& wanted, const Talk& talk) {
    std::vector<std::string> faults;
    const auto group = group_of(wanted.iqn);
    if (wanted.admits_everybody()) {
        if (talk.has(group)) faults.push_back("there is a list of initiators, but none is wanted");
        return faults;
    }
    if (!talk.has(group)) return {"there is no list of initiators: everybody is admitted"};
    const auto names = talk.objects(group / "initiators");
    for (const auto& name : wanted.initiators)
        if (!has(names, name.to_text()))
            faults.push_back("access for " + name.to_text() + " is missing");
    for (const auto& name : names)
        if (!wanted.admits(name)) faults.push_back(name + " is admitted, but in no list");
    for (const auto& number : talk.objects(own_luns(wanted.iqn)))
        faults.push_back("LUN " + number + " is shown to everybody");
    for (const auto& other : talk.objects(groups_of(wanted.iqn)))
        if (other != group_name && !talk.objects(groups_of(wanted.iqn) / other / "luns").empty())
            faults.push_back("the group " + other + " is shown LUNs, but in no list");
    return faults;
}

}  // namespace san::scst_access
