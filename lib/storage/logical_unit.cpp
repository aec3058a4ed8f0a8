// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/logical_unit.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/unit_conflicts.hpp"

namespace san::logical_unit {

namespace {

using Path = Configfs::Path;

Path lun_directory(const Logical_unit& unit) { return place(unit.target, unit.lun); }

bool can_be_kept(const Backing& backing, const Place& place) {
    return place.backstores.size() == 1 &&
           place.backstores.front().parent_path().filename().string().starts_with(backing.plugin() +
                                                                                  "_") &&
           (!place.configured || (backing.is_in(place.info) && backing.has_mode_in(place.info)));
}

/// The device or file behind the unit, as it shall be opened.
std::optional<Backing> find_backing(const Logical_unit& wanted, const Files& files) {
    auto backing = Backing::find(wanted.path, files);
    if (!backing) return {};
    // A block device will do for a file, not the other way round; start says so.
    if (wanted.type == Backing::Type::file) backing->type = Backing::Type::file;
    backing->buffered = wanted.write_cache && backing->type == Backing::Type::file;
    return backing;
}

bool is_linked(const Place& place) {
    return std::any_of(place.lun.begin(), place.lun.end(), [&](const auto& link) {
        return std::find(place.backstores.begin(), place.backstores.end(), link.second) !=
               place.backstores.end();
    });
}

/// The name of a link to `target` in that directory, or the one to give it.
std::string link_name(const lio::Links& links, const Path& target, const std::string& otherwise) {
    for (const auto& [name, at] : links)
        if (at == target) return name;
    return otherwise;
}

/// Those who shall see the unit: its own list, or everybody whom the target's list admits.
std::vector<std::string> shown_to(const Logical_unit& wanted, const Place& place) {
    std::vector<std::string> names;
    for (const auto& initiator : wanted.initiators) names.push_back(initiator.to_text());
    if (!names.empty()) return names;
    for (const auto& [initiator, acl] : place.acls)
        if (acl.tag == lio::target_list_tag ||
            (place.open_to_all && acl.tag == lio::registered_tag))
            names.push_back(initiator);
    return names;
}

/// Those who see the unit and are not among them. What others than our lists have admitted is the
/// target's to judge.
std::vector<std::string> shown_beyond(const Logical_unit& wanted, const Place& place) {
    const auto meant = shown_to(wanted, place);
    std::vector<std::string> names;
    for (const auto& [initiator, acl] : place.acls)
        if (!acl.tag.empty() && !acl.luns.empty() && !acl.luns.front().links.empty() &&
            std::find(meant.begin(), meant.end(), initiator) == meant.end())
            names.push_back(initiator);
    return names;
}

void add_device(Tree& tree, const Path& device, const Backing& backing, bool has_list) {
    // Write-only; what it asks for comes with enable, after which it is refused.
    auto& control = tree.value(device / "control", backing.options(), "device");
    control.read_at = device / "enable";
    control.reads = "1";
    control.vital = false;
    // A label, by which targetcli and the shell agent know the backstore.
    tree.value(device / "udev_path", backing.path, "udev_path").vital = false;
    tree.value(device / "enable", "1", "enable").step.task = "opening " + backing.path;
    // For the target, when its list changes.
    tree.value(device / "alias", has_list ? lio::own_list_mark : lio::shared_mark, "mark").vital =
        false;
}

/// All of this can be set only once the device is open, and not any more when it is exported.
void add_attributes(Tree& tree, const Path& device, const Logical_unit& wanted,
                    const Backing& backing) {
    if (wanted.block_size)
        tree.value(device / "attrib/block_size", wanted.block_size->to_text(), "block size");
    // What initiators are told about a file's cache is what it has: one that is there and not told
    // is a flush that nobody asks for.
    if (backing.type == Backing::Type::file)
        tree.value(device / "attrib/emulate_write_cache", backing.buffered ? "1" : "0",
                   "write cache");
    for (const auto& attribute : wanted.attributes) {
        auto& entry =
            tree.value(device / "attrib" / attribute.name, attribute.value, attribute.name);
        entry.vital = false;
        entry.step.optional = true;
        entry.step.refusal = {Kind::misconfigured,
                              "additional_parameters=" + text::quoted(attribute.to_text()) +
                                  ": expected a value that the kernel takes"};
    }
}

void add_identity(Tree& tree, const Path& device, const Logical_unit& wanted) {
    // targetcli's default, which made the product of the shell agent's disks their resource's name.
    // Kernels write the name over the product at this point, so it comes first.
    tree.value(device / "attrib/emulate_model_alias", "1", "emulate_model_alias").vital = false;
    if (wanted.vendor) {
        auto& vendor = tree.value(device / "wwn/vendor_id", wanted.vendor->to_text(), "vendor");
        vendor.vital = false;
        vendor.step.optional = true;
    }
    if (wanted.product) tree.value(device / "wwn/product_id", wanted.product->to_text(), "product");
    const auto& serial = wanted.serial.to_text();
    tree.value(device / "wwn/vpd_unit_serial", serial, "serial number").reads =
        "T10 VPD Unit Serial Number: " + serial;
    // Only now: emulate_tpu before enable is a NULL dereference in Debian's 6.1.
    for (const auto& [attribute, value] : wanted.switches) {
        auto& entry = tree.value(device / "attrib" / attribute, value.to_text(), attribute);
        entry.vital = false;
        entry.step.optional = true;
    }
}

/// After the serial number, which is part of the file that the kernel keeps them in, and before the
/// LUN is linked: later they are refused. One write for each (6.1).
void add_registrations(Tree& tree, const Path& device, const Logical_unit& wanted) {
    for (const auto& one : wanted.registrations) {
        auto& entry = tree.value(device / "pr/res_aptpl_metadata", one.to_text(),
                                 "registration of " + one.initiator());
        entry.vital = false;
        entry.step.unseen = true;
    }
}

void add_mapped_luns(Tree& tree, const Path& lun, const Logical_unit& wanted, const Place& place) {
    const auto acls = lio::group_directory(wanted.target) / "acls";
    for (const auto& initiator : shown_to(wanted, place)) {
        const auto acl = place.acls.find(initiator);
        if (acl == place.acls.end() ||
            (acl->second.tag != lio::target_list_tag && acl->second.tag != lio::registered_tag)) {
            tree.directory(acls / initiator, "access for " + initiator);
            if (place.credentials)
                chap::add(tree, acls / initiator, *place.credentials, " of " + initiator);
            tree.value(acls / initiator / "tag", lio::unit_list_tag, "tag of " + initiator).vital =
                false;
        }
        const auto mapped = acls / initiator / wanted.lun.directory();
        const auto links = acl == place.acls.end() || acl->second.luns.empty()
                               ? lio::Links{}
                               : acl->second.luns.front().links;
        tree.directory(mapped, "LUN " + wanted.lun.to_text() + " for " + initiator);
        tree.link(mapped / link_name(links, lun, wanted.name), lun, "map for " + initiator);
    }
}

}  // namespace

std::string subject(const std::string& name) { return "logical unit " + name; }

Path place(const Iscsi_name& target, const Lun_number& lun) {
    return lio::group_directory(target) / "lun" / lun.directory();
}

Place observe_place(const Logical_unit& wanted, const Configfs& configfs) {
    const auto group = lio::group_directory(wanted.target);
    Place place{.backstores = lio::backstores(wanted.name, configfs),
                .has_group = configfs.has(group),
                .open_to_all = configfs.find(group / "attrib/generate_node_acls") == "1",
                .lun = lio::links(configfs, lun_directory(wanted))};
    if (!place.backstores.empty()) {
        const auto& device = place.backstores.front();
        place.info = configfs.find(device / "info").value_or("");
        place.configured = configfs.find(device / "enable") == "1";
    }
    if (!wanted.initiators.empty()) place.credentials = chap::find(group, configfs);
    const auto initiators = configfs.find_entries(group / "acls");
    for (const auto& initiator : initiators.value_or(std::vector<std::string>{})) {
        const auto acl = group / "acls" / initiator;
        const auto lun = acl / wanted.lun.directory();
        const auto& entry =
            place.acls
                .emplace(initiator, lio::Acl{.at = acl,
                                             .tag = configfs.find(acl / "tag").value_or(""),
                                             .luns = {{lun, lio::links(configfs, lun)}}})
                .first->second;
        if (entry.tag == lio::unit_list_tag && lio::has_others(configfs, acl, lun))
            place.sharing.insert(initiator);
    }
    return place;
}

Tree tree(const Logical_unit& wanted, const Backing& backing, const Place& place) {
    Tree tree{subject(wanted.name)};
    const auto device = can_be_kept(backing, place) ? place.backstores.front()
                                                    : lio::new_backstore(wanted.name, backing);
    const auto lun = lun_directory(wanted);
    tree.directory(device.parent_path(), "HBA " + device.parent_path().filename().string());
    tree.directory(device, "backstore");
    add_device(tree, device, backing, !wanted.initiators.empty());
    add_attributes(tree, device, wanted, backing);
    add_identity(tree, device, wanted);
    if (!is_linked(place)) add_registrations(tree, device, wanted);
    if (wanted.alua) alua::add_group(tree, device, *wanted.alua);
    tree.directory(lun, "LUN " + wanted.lun.to_text());
    tree.link(lun / link_name(place.lun, device, wanted.name), device, "link to the backstore");
    if (wanted.alua) alua::add_member(tree, device, lun, *wanted.alua);
    add_mapped_luns(tree, lun, wanted, place);
    return tree;
}

Plan surplus(const Logical_unit& wanted, const Place& place) {
    Plan plan{.subject = subject(wanted.name)};
    for (const auto& initiator : shown_beyond(wanted, place)) {
        const auto& acl = place.acls.at(initiator);
        lio::remove(plan, acl.luns.front(), " for " + initiator);
        if (acl.tag == lio::unit_list_tag && !place.sharing.contains(initiator))
            lio::remove(plan, acl);
    }
    return plan;
}

namespace {

/// Whether the kernel's list of registrations has one of that initiator: "iSCSI Node: NAME,i,0xISID
/// Key: ..." (6.1).
bool is_in(const std::string& registered, const std::string& initiator) {
    return registered.find(" " + initiator + ",i,") != std::string::npos;
}

/// The LUNs of a group that lead to a device.
std::vector<Path> luns_of(const Configfs& configfs, const Path& group) {
    std::vector<Path> luns;
    const auto names = configfs.find_entries(group / "lun");
    for (const auto& name : names.value_or(std::vector<std::string>{}))
        if (!lio::links(configfs, group / "lun" / name).empty())
            luns.push_back(group / "lun" / name);
    return luns;
}

/// Smaller blocks than the disk's could not be written one by one: every such write would fail.
void refuse_small_blocks(const Logical_unit& wanted, const Backing& backing, const Files& files) {
    if (!wanted.block_size || backing.type != Backing::Type::block) return;
    const auto device = "/sys/dev/block/" + backing.number.to_text();
    // A partition's directory is inside that of its disk.
    auto least = files.find(device + "/queue/logical_block_size");
    if (!least) least = files.find(device + "/../queue/logical_block_size");
    const auto bytes = text::number<unsigned>(text::trimmed(least.value_or(""))).value_or(0);
    if (wanted.block_size->bytes() < bytes)
        throw Error{Kind::wrong_on_this_node,
                    "block_size=" + text::quoted(wanted.block_size->to_text()) + ": expected " +
                        std::to_string(bytes) + ", which are the blocks of " + backing.path};
}

/// The device or file, if it is fit for what is wanted of it.
Backing backing_for(const Logical_unit& wanted, const Files& files) {
    const auto backing = find_backing(wanted, files);
    if (!backing)
        throw Error{Kind::wrong_on_this_node, "path=" + text::quoted(wanted.path.to_text()) +
                                                  ": expected a block device or a file"};
    if (wanted.type == Backing::Type::block && backing->type == Backing::Type::file)
        throw Error{Kind::wrong_on_this_node,
                    "liot_bstype=\"block\": expected fileio: " + backing->path + " is a file"};
    // The kernel would say "Invalid argument" (fd_configure_device, target_core_file.c, 6.1).
    if (files.find_size(backing->path) == 0)
        throw Error{Kind::wrong_on_this_node,
                    "path=" + text::quoted(backing->path) + ": expected a file that is not empty"};
    refuse_small_blocks(wanted, *backing, files);
    return *backing;
}

/// Makes of what is there the unit that is wanted, on the backstore that is there if there is one.
Change change(const Logical_unit& wanted, const Backing& backing, const Place& place,
              Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    auto plan = surplus(wanted, place);
    const auto wanted_tree = tree(wanted, backing, place);
    auto missing = wanted_tree.plan(wanted_tree.observe(configfs));
    std::move(missing.steps.begin(), missing.steps.end(), std::back_inserter(plan.steps));
    return build(plan, configfs, bounded, deadline);
}

}  // namespace

Tree admission(const Logical_unit& wanted, const Configfs& configfs) {
    Tree tree{subject(wanted.name)};
    const auto group = lio::group_directory(wanted.target);
    const auto device = find_linked(wanted, configfs);
    if (!device || wanted.registrations.empty()) return tree;
    const auto real = configfs.find(*device / "pr/res_pr_registered_i_pts").value_or("");
    const auto credentials = chap::find(group, configfs);
    for (const auto& one : wanted.registrations) {
        const auto& initiator = one.initiator();
        const auto acl = group / "acls" / initiator;
        // Real: it has logged in. An entry made now would take the right to write from all but the
        // holder (6.1).
        if (one.target() != wanted.target.to_text() || is_in(real, initiator) ||
            configfs.find(acl / "tag").value_or("") != "")
            continue;
        tree.directory(acl, "access for " + initiator);
        if (credentials) chap::add(tree, acl, *credentials, " of " + initiator);
        tree.value(acl / "tag", lio::registered_tag, "tag of " + initiator);
        for (const auto& lun : luns_of(configfs, group)) {
            const auto mapped = acl / lun.filename();
            tree.directory(mapped, lun.filename().string() + " for " + initiator);
            tree.link(mapped / wanted.name, lun, "map for " + initiator);
        }
    }
    return tree;
}

Change start(const Logical_unit& wanted, Configfs& configfs, const Files& files, Bounded& bounded,
             const Deadline& deadline) {
    const auto backing = backing_for(wanted, files);
    auto place = observe_place(wanted, configfs);
    refuse_conflicts(wanted, place);
    refuse_twin(wanted, configfs);
    // Left by a start that was killed: on a device that has another number now, or with
    // registrations that it may have been given already, which nothing shows.
    const bool half_made = !wanted.registrations.empty() && !is_linked(place);
    if (!place.backstores.empty() && (half_made || !can_be_kept(backing, place))) {
        stop(wanted.name, lun_directory(wanted), configfs, files, bounded, deadline);
        place = observe_place(wanted, configfs);
    }
    const auto made = change(wanted, backing, place, configfs, bounded, deadline);
    if (!place.open_to_all) return made;
    const auto entries = admission(wanted, configfs);
    const auto admitted =
        build(entries.plan(entries.observe(configfs)), configfs, bounded, deadline);
    // Other units of the target may have started meanwhile and made entries: whoever comes second
    // sees the other.
    return made | admitted |
           change(wanted, backing, observe_place(wanted, configfs), configfs, bounded, deadline);
}

Change reload(const Logical_unit& wanted, Configfs& configfs, const Files& files, Bounded& bounded,
              const Deadline& deadline) {
    const auto backing = find_backing(wanted, files);
    const auto place = observe_place(wanted, configfs);
    if (!backing || place.backstores.empty() || !can_be_kept(*backing, place))
        throw Error{Kind::failed, subject(wanted.name) + " is not running"};
    refuse_conflicts(wanted, place);
    return change(wanted, *backing, place, configfs, bounded, deadline);
}

std::optional<Path> find_linked(const Logical_unit& wanted, const Configfs& configfs) {
    for (const auto& [name, device] : lio::links(configfs, lun_directory(wanted)))
        if (device.filename() == wanted.name) return device;
    return {};
}

Change set_state(const Logical_unit& wanted, Configfs& configfs, Bounded& bounded,
                 const Deadline& deadline) {
    const auto backstores = lio::backstores(wanted.name, configfs);
    if (backstores.empty() || !wanted.alua) return Change::none;
    Tree states{subject(wanted.name)};
    alua::add_state(states, backstores.front(), *wanted.alua);
    return build(states.plan(states.observe(configfs)), configfs, bounded, deadline);
}

bool exists(const Logical_unit& wanted, const Configfs& configfs) {
    return !lio::backstores(wanted.name, configfs).empty();
}

std::vector<std::string> faults(const Logical_unit& wanted, const Configfs& configfs,
                                const Files& files) {
    const auto backing = find_backing(wanted, files);
    if (!backing) return {wanted.path.to_text() + " is gone, but still exported"};
    const auto place = observe_place(wanted, configfs);
    if (place.configured && backing->is_in(place.info) && !backing->has_mode_in(place.info))
        return {wanted.path.to_text() + (backing->buffered ? " is open without" : " is open with") +
                " a write cache"};
    if (!can_be_kept(*backing, place)) return {"the backstore is not on " + wanted.path.to_text()};
    auto faults = tree(wanted, *backing, place).faults(configfs);
    if (configfs.find(lio::group_directory(wanted.target) / "enable") != "1")
        faults.push_back("target " + wanted.target.to_text() + " is not enabled");
    for (const auto& initiator : shown_beyond(wanted, place))
        faults.push_back(initiator + " sees it, but is in no list");
    return faults;
}

}  // namespace san::logical_unit
