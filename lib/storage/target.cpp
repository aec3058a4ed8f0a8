// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/target.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

void Chap_credentials::check() const {
    constexpr std::size_t longest = 255;
    const auto fits = [](const std::string& text) {
        return !text.empty() && text.size() <= longest && !text.starts_with("NULL");
    };
    constexpr auto expected = "expected 1 to 255 bytes that do not begin with NULL";
    if (!fits(user))
        throw Error{Kind::misconfigured,
                    "incoming_username=" + text::quoted(user) + ": " + expected};
    if (!fits(password.reveal()))
        throw Error{Kind::misconfigured, std::string{"incoming_password: "} + expected};
}

Login_parameter Login_parameter::parse(std::string_view text) {
    const auto sign = text.find('=');
    const auto name = text.substr(0, sign);
    if (sign == std::string_view::npos || name.empty() || sign + 1 == text.size() ||
        name.find('/') != std::string_view::npos)
        throw Error{Kind::misconfigured, "expected words such as MaxConnections=4"};
    return {.name = std::string{name}, .value = std::string{text.substr(sign + 1)}};
}

namespace target {

namespace {

std::string subject(const Iscsi_name& iqn) { return "target " + iqn.to_text(); }

/// The kernel keeps a newline as part of the name or secret, so none is written (6.1).
void add_credentials(Tree& tree, const Configfs::Path& owner, const Chap_credentials& chap,
                     const std::string& whose) {
    tree.value(owner / "auth/userid", chap.user, "CHAP user" + whose);
    tree.value(owner / "auth/password", chap.password.reveal(), "CHAP password" + whose)
        .step.secret = true;
}

void add_demo_mode(Tree& tree, const Configfs::Path& group, const Target& wanted) {
    const auto attributes = group / "attrib";
    tree.value(attributes / "generate_node_acls", "1", "admission of everybody");
    tree.value(attributes / "cache_dynamic_acls", "1", "cache_dynamic_acls");
    tree.value(attributes / "demo_mode_write_protect", "0", "write protection");
    if (wanted.credentials) add_credentials(tree, group, *wanted.credentials, "");
}

void add_access_list(Tree& tree, const Configfs::Path& group, const Target& wanted) {
    tree.value(group / "attrib/generate_node_acls", "0", "admission of everybody");
    for (const auto& initiator : wanted.initiators) {
        const auto acl = group / "acls" / initiator.to_text();
        tree.directory(acl, "access for " + initiator.to_text());
        tree.value(acl / "tag", lio::target_list_tag, "tag of " + initiator.to_text());
        if (wanted.credentials)
            add_credentials(tree, acl, *wanted.credentials, " of " + initiator.to_text());
    }
}

void add_parameters(Tree& tree, const Configfs::Path& group, const Target& wanted) {
    for (const auto& [name, value] : wanted.parameters) {
        auto& entry = tree.value(group / "param" / name, value, name);
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
}

}  // namespace

Tree tree(const Target& wanted) {
    const auto group = lio::group_directory(wanted.iqn);
    Tree tree{subject(wanted.iqn)};
    tree.directory(lio::target_directory(wanted.iqn), "target");
    tree.directory(group, "portal group");
    // The kernel's default is 1: without credentials it would refuse everybody (6.1).
    tree.value(group / "attrib/authentication", wanted.credentials ? "1" : "0", "authentication");
    if (wanted.initiators.empty())
        add_demo_mode(tree, group, wanted);
    else
        add_access_list(tree, group, wanted);
    add_parameters(tree, group, wanted);
    add_portals(tree, group, wanted);
    tree.value(group / "enable", "1", "enable");
    return tree;
}

Plan start_plan(const Tree& wanted, const Found& found, const Target& target) {
    auto plan = wanted.plan(found);
    const auto enable = lio::group_directory(target.iqn) / "enable";
    const auto enabled = found.find(enable);
    if (enabled == found.end() || enabled->second != "1" || wanted.faults(found).empty())
        return plan;
    const Step on{.act = Step::Act::write, .at = enable, .name = "enable", .content = "1"};
    auto off = on;
    off.content = "0";
    off.task = "closing its sessions";
    plan.steps.insert(plan.steps.begin(), off);
    plan.steps.push_back(on);
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

Change start(const Target& wanted, Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    const auto wanted_tree = tree(wanted);
    return build(start_plan(wanted_tree, wanted_tree.observe(configfs), wanted), configfs, bounded,
                 deadline);
}

Change stop(const Iscsi_name& iqn, Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    if (!exists(iqn, configfs)) return Change::none;
    const auto groups = lio::portal_groups(configfs, lio::target_directory(iqn));
    return take_down(stop_plan(iqn, groups), configfs, bounded, deadline);
}

bool exists(const Iscsi_name& iqn, const Configfs& configfs) {
    return configfs.find_entries(lio::target_directory(iqn)).has_value();
}

std::vector<std::string> faults(const Target& wanted, const Configfs& configfs) {
    const auto wanted_tree = tree(wanted);
    return wanted_tree.faults(wanted_tree.observe(configfs));
}

}  // namespace target
}  // namespace san
