// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/logical_unit.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/device_state.hpp"
#include "storage/naa.hpp"

namespace san::logical_unit {

namespace {

using Path = Configfs::Path;

std::string subject(const std::string& name) { return "logical unit " + name; }

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

namespace {

bool leads_to(const lio::Lun& lun, const std::vector<Path>& targets) {
    return std::any_of(lun.links.begin(), lun.links.end(), [&](const auto& link) {
        return std::find(targets.begin(), targets.end(), link.second) != targets.end();
    });
}

/// Unless another unit has come to it meanwhile.
void remove_entry(Plan& plan, const lio::Acl& acl) {
    plan.steps.push_back({.act = Step::Act::remove,
                          .at = acl.at,
                          .name = "access for " + acl.initiator(),
                          .optional = true});
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
        if (is_of_units && removed == acl.luns.size()) remove_entry(plan, acl);
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

Plan surplus(const Logical_unit& wanted, const Place& place) {
    Plan plan{.subject = subject(wanted.name)};
    for (const auto& initiator : shown_beyond(wanted, place)) {
        const auto& acl = place.acls.at(initiator);
        lio::remove(plan, acl.luns.front(), " for " + initiator);
        if (acl.tag == lio::unit_list_tag && !place.sharing.contains(initiator))
            remove_entry(plan, acl);
    }
    return plan;
}

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

std::string names_of(const std::vector<Iscsi_name>& initiators) {
    std::vector<std::string> names;
    for (const auto& initiator : initiators) names.push_back(initiator.to_text());
    return text::joined(names, " ");
}

void refuse_conflicts(const Logical_unit& wanted, const Place& place) {
    const auto target = "target " + wanted.target.to_text();
    if (!place.has_group) throw Error{Kind::failed, target + " does not exist here"};
    if (!wanted.initiators.empty() && place.open_to_all)
        throw Error{Kind::misconfigured,
                    "allowed_initiators=" + text::quoted(names_of(wanted.initiators)) +
                        ": expected a list on the target too: " + target + " admits everybody"};
    for (const auto& [link, device] : place.lun)
        if (std::find(place.backstores.begin(), place.backstores.end(), device) ==
            place.backstores.end())
            throw Error{Kind::failed, "lun=" + text::quoted(wanted.lun.to_text()) +
                                          ": expected a free number: " +
                                          device.filename().string() + " has it on " + target};
}

struct Identity {
    std::string name;
    Naa naa;
};

/// The NAA names of the node's backstores, without this unit's own and without those that have
/// none: their serial number is not set yet, or they show a disk's own.
std::vector<Identity> other_identities(const std::string& name, const Configfs& configfs) {
    constexpr std::string_view label = "T10 VPD Unit Serial Number:";
    std::vector<Identity> found;
    for (const auto& device : lio::backstores(configfs)) {
        const auto shown = configfs.find(device / "wwn/vpd_unit_serial").value_or("");
        if (device.filename() == name || !shown.starts_with(label)) continue;
        if (device.parent_path().filename().string().starts_with("pscsi_")) continue;
        const auto serial = text::trimmed(std::string_view{shown}.substr(label.size()));
        if (serial.empty()) continue;
        const auto company = configfs.find(device / "wwn/company_id").value_or("");
        found.push_back({device.filename(),
                         Naa::of(serial, company.starts_with("0x")
                                             ? text::number<std::uint32_t>(company.substr(2), 16)
                                                   .value_or(Naa::usual_company)
                                             : Naa::usual_company)});
    }
    return found;
}

/// An initiator takes two units of one NAA name for two paths to one disk, and writes through both.
void refuse_twin(const Logical_unit& wanted, const Configfs& configfs) {
    const auto naa = Naa::of(wanted.serial.to_text());
    for (const auto& other : other_identities(wanted.name, configfs))
        if (other.naa == naa)
            throw Error{Kind::misconfigured, "scsi_sn=" + text::quoted(wanted.serial.to_text()) +
                                                 ": expected another: " + wanted.name +
                                                 " would be NAA " + naa.to_text() + ", which is " +
                                                 other.name};
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
    const auto wanted_tree = tree(wanted, *backing, place);
    auto faults = wanted_tree.faults(wanted_tree.observe(configfs));
    if (configfs.find(lio::group_directory(wanted.target) / "enable") != "1")
        faults.push_back("target " + wanted.target.to_text() + " is not enabled");
    for (const auto& initiator : shown_beyond(wanted, place))
        faults.push_back(initiator + " sees it, but is in no list");
    return faults;
}

}  // namespace san::logical_unit
