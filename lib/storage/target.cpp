// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/target.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/alua.hpp"

namespace san {

Target_number Target_number::parse(std::string_view text) {
    const auto number = text::number<std::int32_t>(text);
    if (!number || *number < 1)
        throw Error{Kind::misconfigured, "expected a number from 1 to 2147483647"};
    return {*number};
}

bool Target::admits(const std::string& initiator) const {
    return std::any_of(initiators.begin(), initiators.end(),
                       [&](const Iscsi_name& name) { return name.to_text() == initiator; });
}

namespace {

// By them it is decided who may log in, and to write.
constexpr std::pair<std::string_view, std::string_view> decided_elsewhere[] = {
    {"AuthMethod", "incoming_username"},
    {"authentication", "incoming_username"},
    {"cache_dynamic_acls", "allowed_initiators"},
    {"demo_mode_write_protect", "allowed_initiators"},
    {"generate_node_acls", "allowed_initiators"}};

}  // namespace

Login_parameter Login_parameter::parse(std::string_view text) {
    const auto sign = text.find('=');
    const auto name = text.substr(0, sign);
    const auto is_of_a_name = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
    if (sign == std::string_view::npos || name.empty() || sign + 1 == text.size() ||
        !std::all_of(name.begin(), name.end(), is_of_a_name))
        throw Error{Kind::misconfigured, "expected words such as MaxConnections=4"};
    for (const auto& [decided, by] : decided_elsewhere)
        if (name == decided)
            throw Error{Kind::misconfigured, "expected other parameters: " + std::string{name} +
                                                 " follows from " + std::string{by}};
    Login_parameter parameter{.name = std::string{name},
                              .value = std::string{text.substr(sign + 1)}};
    // As the kernel shows it: what it shows is compared.
    if (const auto number = text::number<std::uint32_t>(parameter.value))
        parameter.value = std::to_string(*number);
    return parameter;
}

std::string Login_parameter::directory() const {
    return std::isupper(static_cast<unsigned char>(name.front())) ? "param" : "attrib";
}

namespace target {

namespace {

std::string subject(const Iscsi_name& iqn) { return "target " + iqn.to_text(); }

void add_demo_mode(Tree& tree, const Configfs::Path& group, const Target& wanted,
                   const Units& units) {
    const auto attributes = group / "attrib";
    tree.value(attributes / "generate_node_acls", "1", "admission of everybody");
    tree.value(attributes / "cache_dynamic_acls", "1", "cache_dynamic_acls");
    tree.value(attributes / "demo_mode_write_protect", "0", "write protection");
    if (!wanted.credentials) return;
    chap::add(tree, group, *wanted.credentials, "");
    for (const auto& initiator : units.initiators)
        chap::add(tree, group / "acls" / initiator, *wanted.credentials, " of " + initiator);
}

/// Shows the initiator the units that have no list of their own. Each unit's start does it as well,
/// and its monitor misses it.
void add_maps(Tree& tree, const Configfs::Path& acl, const Units& units) {
    for (const auto& [lun, unit] : units.shared) {
        const auto mapped = acl / lun.filename();
        const auto name = lun.filename().string() + " for " + acl.filename().string();
        tree.directory(mapped, name).vital = false;
        tree.link(mapped / unit, lun, "map of " + name).vital = false;
    }
}

void add_access_list(Tree& tree, const Configfs::Path& group, const Target& wanted,
                     const Units& units) {
    tree.value(group / "attrib/generate_node_acls", "0", "admission of everybody");
    // Here for the units, which give them to initiators that only they name.
    if (wanted.credentials) chap::add(tree, group, *wanted.credentials, "");
    for (const auto& initiator : wanted.initiators) {
        const auto acl = group / "acls" / initiator.to_text();
        tree.directory(acl, "access for " + initiator.to_text());
        if (wanted.credentials)
            chap::add(tree, acl, *wanted.credentials, " of " + initiator.to_text());
        tree.value(acl / "tag", lio::target_list_tag, "tag of " + initiator.to_text());
        add_maps(tree, acl, units);
    }
    if (!wanted.credentials) return;
    for (const auto& initiator : units.initiators)
        chap::add(tree, group / "acls" / initiator, *wanted.credentials, " of " + initiator);
}

void add_parameters(Tree& tree, const Configfs::Path& group, const Target& wanted) {
    for (const auto& parameter : wanted.parameters) {
        const auto& [name, value] = parameter;
        auto& entry = tree.value(group / parameter.directory() / name, value, name);
        entry.vital = false;
        entry.step.optional = true;
        entry.step.refusal = {Kind::misconfigured,
                              "additional_parameters=" + text::quoted(name + "=" + value) +
                                  ": expected a value that the kernel takes"};
    }
}

void add_portals(Tree& tree, const Configfs::Path& group, const Target& wanted) {
    for (const auto& portal : wanted.portals) {
        const auto name = portal.to_text();
        // All that a socket can refuse is EINVAL here. A wildcard, of any target and of either
        // family, takes the port from every other address (6.1).
        tree.directory(group / "np" / name, "portal " + name).step.refusal = {
            Kind::failed, "portal " + name + ": expected a free port: a program, or a wildcard " +
                              "portal of a target, listens there"};
    }
    // Removing the portal ends this as well (iscsit_tpg_del_network_portal, 6.1).
    for (const auto& portal : wanted.iser) {
        const auto name = portal.to_text();
        tree.value(group / "np" / name / "iser", "1", "iSER of portal " + name).step.refusal = {
            Kind::failed, "iser_portals=" + text::quoted(name) +
                              ": expected an address of an RDMA device, and the module ib_isert"};
    }
}

/// From 6.4 on. The kernel takes it only while the portal group is disabled, and shows it like
/// this.
Configfs::Path port_number_of(const Configfs::Path& group) { return group / "rtpi"; }

void add_port_number(Tree& tree, const Configfs::Path& group, const Target& wanted) {
    if (!wanted.port_number) return;
    char shown[8];
    std::snprintf(shown, sizeof shown, "%#x", static_cast<unsigned>(*wanted.port_number));
    auto& entry = tree.value(port_number_of(group), shown, "relative target port identifier");
    entry.vital = false;
    entry.step.optional = true;
}

}  // namespace

Tree tree(const Target& wanted, const Units& units) {
    const auto group = lio::group_directory(wanted.iqn);
    Tree tree{subject(wanted.iqn)};
    tree.directory(lio::target_directory(wanted.iqn), "target");
    tree.directory(group, "portal group");
    // The kernel's default is 1: without credentials it would refuse everybody (6.1).
    tree.value(group / "attrib/authentication", wanted.credentials ? "1" : "0", "authentication");
    if (wanted.initiators.empty())
        add_demo_mode(tree, group, wanted, units);
    else
        add_access_list(tree, group, wanted, units);
    add_parameters(tree, group, wanted);
    add_portals(tree, group, wanted);
    add_port_number(tree, group, wanted);
    auto& enable = tree.value(group / "enable", "1", "enable");
    if (wanted.port_number)
        enable.step.refusal = {Kind::failed,
                               "rtpi=" + text::quoted(std::to_string(*wanted.port_number)) +
                                   ": expected one that no other target here has"};
    return tree;
}

namespace {

/// Takes an entry away from an initiator that is in no list of the target any more.
void withdraw(Plan& plan, const lio::Acl& acl, const lio::Portal_group& group, const Units& units) {
    using enum Step::Act;
    const auto is_of_a_list = [&](const lio::Lun& mapped) {
        return units.of_a_list.contains(group.at / "lun" / mapped.at.filename());
    };
    for (const auto& mapped : acl.luns)
        if (!is_of_a_list(mapped)) lio::remove(plan, mapped, " for " + acl.initiator());
    if (std::any_of(acl.luns.begin(), acl.luns.end(), is_of_a_list))
        plan.steps.push_back({.act = write,
                              .at = acl.at / "tag",
                              .name = "tag of " + acl.initiator(),
                              .content = lio::unit_list_tag});
    else
        plan.steps.push_back({.act = remove,
                              .at = acl.at,
                              .name = "access for " + acl.initiator(),
                              .task = "closing the sessions of " + acl.initiator()});
}

bool is_of_units(const lio::Acl& acl, const Target& wanted) {
    if (acl.tag == lio::registered_tag) return wanted.admits_everybody();
    return acl.tag == lio::unit_list_tag && !wanted.admits(acl.initiator());
}

}  // namespace

Plan surplus(const Target& wanted, const lio::Portal_group& group, const Units& units) {
    Plan plan{.subject = subject(wanted.iqn)};
    for (const auto& portal : group.portals) {
        const bool is_wanted =
            std::any_of(wanted.portals.begin(), wanted.portals.end(),
                        [&](const Portal& one) { return one.to_text() == portal; });
        if (!is_wanted)
            plan.steps.push_back({.act = Step::Act::remove,
                                  .at = group.at / "np" / portal,
                                  .name = "portal " + portal});
    }
    for (const auto& acl : group.acls)
        if (!wanted.admits(acl.initiator()) && !is_of_units(acl, wanted))
            withdraw(plan, acl, group, units);
    return plan;
}

Plan stop_plan(const Iscsi_name& iqn, const std::vector<lio::Portal_group>& groups) {
    using enum Step::Act;
    Plan plan{.subject = subject(iqn)};
    for (const auto& group : groups) {
        if (group.enabled)
            plan.steps.push_back({.act = write,
                                  .at = group.at / "enable",
                                  .name = "enable",
                                  .content = "0",
                                  .optional = true,
                                  .task = "closing its sessions"});
        for (const auto& acl : group.acls) {
            for (const auto& lun : acl.luns) lio::remove(plan, lun, " for " + acl.initiator());
            plan.steps.push_back(
                {.act = remove, .at = acl.at, .name = "access for " + acl.initiator()});
        }
        for (const auto& lun : group.luns) lio::remove(plan, lun);
        for (const auto& portal : group.portals)
            plan.steps.push_back(
                {.act = remove, .at = group.at / "np" / portal, .name = "portal " + portal});
        plan.steps.push_back({.act = remove, .at = group.at, .name = "portal group"});
    }
    plan.steps.push_back({.act = remove, .at = lio::target_directory(iqn), .name = "target"});
    return plan;
}

namespace {

struct Observed {
    lio::Portal_group group;
    Units units;
};

Observed observe(const Target& wanted, const Configfs& configfs) {
    Observed seen;
    for (auto& group : lio::portal_groups(configfs, lio::target_directory(wanted.iqn)))
        if (group.at == lio::group_directory(wanted.iqn)) seen.group = std::move(group);
    for (const auto& acl : seen.group.acls)
        if (is_of_units(acl, wanted)) seen.units.initiators.push_back(acl.initiator());
    for (const auto& lun : seen.group.luns)
        for (const auto& [link, device] : lun.links) {
            const bool has_list = configfs.find(device / "alias") == lio::own_list_mark;
            (has_list ? seen.units.of_a_list : seen.units.shared)
                .emplace(lun.at, device.filename());
        }
    return seen;
}

/// Whether everybody was admitted, and a list says now who is. Initiators that have been here stay
/// known until the portal group goes, and are admitted whatever the attribute says (6.1).
bool must_forget(const Target& wanted, const Found& found) {
    const auto open = found.find(lio::group_directory(wanted.iqn) / "attrib/generate_node_acls");
    return !wanted.admits_everybody() && open != found.end() && open->second == "1";
}

void refuse_open_lists(const Target& wanted, const Units& units) {
    if (!wanted.admits_everybody() || units.of_a_list.empty()) return;
    throw Error{Kind::misconfigured, "allowed_initiators=\"\": expected a list: " +
                                         units.of_a_list.begin()->second + " has one of its own"};
}

bool is_enabled(const Target& wanted, const Found& found) {
    const auto enable = found.find(lio::group_directory(wanted.iqn) / "enable");
    return enable != found.end() && enable->second == "1";
}

/// What a session is admitted by, and what it knows its port by. The kernel looks at the first only
/// when it enables (6.1), and takes the last only when it is disabled, if it has it.
bool closes_sessions(const Step& step, const Found& found) {
    const auto name = step.at.filename();
    return name == "authentication" || name == "generate_node_acls" ||
           (name == "rtpi" && found.contains(step.at));
}

/// The steps from what is there to the target wanted.
Plan change_plan(const Target& wanted, const Tree& tree, const Found& found, const Observed& seen,
                 const Configfs& configfs) {
    auto plan = surplus(wanted, seen.group, seen.units);
    if (!wanted.credentials || !wanted.credentials->target) {
        chap::remove_target_account(plan, seen.group.at, configfs, "");
        for (const auto& acl : seen.group.acls)
            chap::remove_target_account(plan, acl.at, configfs, " of " + acl.initiator());
    }
    auto missing = tree.plan(found);
    const bool closes = is_enabled(wanted, found) &&
                        std::any_of(missing.steps.begin(), missing.steps.end(),
                                    [&](const Step& step) { return closes_sessions(step, found); });
    std::move(missing.steps.begin(), missing.steps.end(), std::back_inserter(plan.steps));
    if (!closes) return plan;
    const Step on{
        .act = Step::Act::write, .at = seen.group.at / "enable", .name = "enable", .content = "1"};
    auto off = on;
    off.content = "0";
    off.task = "closing its sessions";
    plan.steps.insert(plan.steps.begin(), off);
    plan.steps.push_back(on);
    return plan;
}

/// Whether a LUN that is linked anew would be what it was: its place in an ALUA group goes with it,
/// and what initiators have registered.
bool can_be_relinked(const lio::Lun& lun, const Configfs& configfs) {
    return std::all_of(lun.links.begin(), lun.links.end(), [&](const auto& link) {
        const auto registered = configfs.find(link.second / "pr/res_pr_registered_i_pts");
        return alua::groups(configfs, link.second).empty() &&
               (!registered || registered->ends_with("None"));
    });
}

bool can_be_renewed(const lio::Portal_group& group, const Configfs& configfs) {
    return std::all_of(group.luns.begin(), group.luns.end(),
                       [&](const lio::Lun& lun) { return can_be_relinked(lun, configfs); }) &&
           std::none_of(group.acls.begin(), group.acls.end(),
                        [](const lio::Acl& acl) { return acl.tag == lio::registered_tag; });
}

/// The steps that make the target anew, with the LUNs that it has.
Plan renewal_plan(const Target& wanted, const Observed& seen) {
    auto plan = stop_plan(wanted.iqn, {seen.group});
    for (const auto& step : tree(wanted, seen.units).plan({}).steps) {
        plan.steps.push_back(step);
        if (step.at != seen.group.at) continue;
        for (const auto& lun : seen.group.luns) {
            const auto name = lun.at.filename().string();
            plan.steps.push_back({.act = Step::Act::make, .at = lun.at, .name = name});
            for (const auto& [link, device] : lun.links)
                plan.steps.push_back({.act = Step::Act::link,
                                      .at = lun.at / link,
                                      .name = "link of " + name,
                                      .content = device.string()});
        }
    }
    return plan;
}

/// Closes all sessions, makes the kernel forget who has been here, and goes on with the list.
Change renew(const Target& wanted, Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    const auto plan = [&] {
        const auto seen = observe(wanted, configfs);
        if (!can_be_renewed(seen.group, configfs))
            throw Error{Kind::failed, "a list of initiators where everybody was admitted: " +
                                          subject(wanted.iqn) + " has to be restarted"};
        return renewal_plan(wanted, seen);
    };
    return build(subject(wanted.iqn), plan, configfs, bounded, deadline);
}

Change change(const Target& wanted, Configfs& configfs, Bounded& bounded,
              const Deadline& deadline) {
    const auto plan = [&] {
        const auto seen = observe(wanted, configfs);
        refuse_open_lists(wanted, seen.units);
        const auto wanted_tree = tree(wanted, seen.units);
        return change_plan(wanted, wanted_tree, wanted_tree.observe(configfs), seen, configfs);
    };
    return build(subject(wanted.iqn), plan, configfs, bounded, deadline);
}

}  // namespace

Change start(const Target& wanted, Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    if (must_forget(wanted, tree(wanted).observe(configfs)))
        stop(wanted.iqn, configfs, bounded, deadline);
    return change(wanted, configfs, bounded, deadline);
}

Change reload(const Target& wanted, Configfs& configfs, Bounded& bounded,
              const Deadline& deadline) {
    const auto found = tree(wanted).observe(configfs);
    if (!is_enabled(wanted, found))
        throw Error{Kind::failed, subject(wanted.iqn) + " is not running"};
    if (must_forget(wanted, found)) return renew(wanted, configfs, bounded, deadline);
    return change(wanted, configfs, bounded, deadline);
}

namespace {

/// What the group's sessions may be waiting for.
std::vector<std::string> devices_below(const lio::Portal_group& group, const Configfs& configfs) {
    std::vector<std::string> devices;
    for (const auto& lun : group.luns)
        for (const auto& [link, backstore] : lun.links)
            devices.push_back(configfs.find(backstore / "udev_path").value_or(""));
    return devices;
}

}  // namespace

Change stop(const Iscsi_name& iqn, Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    const auto directory = lio::target_directory(iqn);
    if (!configfs.has(lio::fabric)) return Change::none;
    const auto observe = [&] {
        if (!exists(iqn, configfs)) return Plan{.subject = subject(iqn)};
        const auto groups = lio::portal_groups(configfs, directory);
        auto plan = stop_plan(iqn, groups);
        for (const auto& group : groups)
            for (auto& step : plan.steps)
                if (const auto devices = devices_below(group, configfs);
                    step.at == group.at / "enable" && !devices.empty())
                    step.task += ", " + text::joined(devices, ", ");
        return plan;
    };
    return take_down(subject(iqn), observe, configfs, bounded, deadline);
}

bool exists(const Iscsi_name& iqn, const Configfs& configfs) {
    return configfs.has(lio::target_directory(iqn));
}

namespace {

/// The initiators that are let in and shall not be. One to whom nothing is shown does not count.
std::vector<std::string> intruders(const Target& wanted, const Configfs& configfs, Units& units) {
    std::vector<std::string> found;
    const auto acls = lio::group_directory(wanted.iqn) / "acls";
    for (const auto& name : configfs.find_entries(acls).value_or(std::vector<std::string>{})) {
        if (wanted.admits(name)) continue;
        if (configfs.find(acls / name / "tag") == lio::unit_list_tag)
            units.initiators.push_back(name);
        else if (lio::has_luns(configfs, acls / name))
            found.push_back(name);
    }
    return found;
}

}  // namespace

std::vector<std::string> faults(const Target& wanted, const Configfs& configfs) {
    Units units;
    const auto surplus =
        wanted.admits_everybody() ? std::vector<std::string>{} : intruders(wanted, configfs, units);
    auto faults = tree(wanted, units).faults(configfs);
    for (const auto& name : surplus) faults.push_back(name + " is admitted, but in no list");
    return faults;
}

}  // namespace target
}  // namespace san
