// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_unit.hpp"

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/scst_access.hpp"

namespace san {

namespace {

using Talk = Scst_conversation;
using Path = Talk::Path;

// MAX_USN_LEN and name of struct scst_vdisk_dev, dev_handlers/scst_vdisk.c, 3.11-pre; recorded.
constexpr std::size_t longest_serial = 20;
constexpr std::size_t longest_name = 64;

}  // namespace

Scst_handler Scst_handler::parse(std::string_view text) {
    // Their modules are in scst_driver::load_handler(). vdisk_nullio forgets what is written.
    for (const auto* known : {"vdisk_blockio", "vdisk_fileio", "dev_disk", "dev_cdrom",
                              "dev_changer", "dev_modisk", "dev_processor", "dev_raid", "dev_tape"})
        if (text == known) return {std::string{text}};
    throw Error{Kind::misconfigured,
                "expected vdisk_blockio, vdisk_fileio, or dev_disk and its like"};
}

Scst_unit Scst_unit::of(const Logical_unit& wanted) {
    Scst_unit unit{.device = wanted.name,
                   .target = wanted.target,
                   .lun = wanted.lun,
                   .handler = wanted.scst.handler,
                   .path = wanted.path};
    const auto add = [&](const std::string& name, const std::string& value) {
        unit.attributes.emplace_back(name, value);
    };
    add("write_through", wanted.write_cache ? "0" : "1");
    if (wanted.block_size) add("blocksize", wanted.block_size->to_text());
    // One that follows from the unit's place has more than there is room for.
    auto serial = wanted.serial.to_text();
    if (serial == Scsi_serial::of_place(wanted.target, wanted.lun).to_text())
        serial.resize(std::min(serial.size(), longest_serial));
    add("usn", serial);
    if (wanted.vendor) add("t10_vend_id", wanted.vendor->to_text());
    // Where the shell agent puts it: disks stay what they were.
    if (wanted.product) add("t10_dev_id", wanted.product->to_text());
    for (const auto& one : wanted.attributes) {
        std::erase_if(unit.attributes, [&](const auto& there) { return there.first == one.name; });
        add(one.name, one.value);
    }
    return unit;
}

namespace scst_unit {

namespace {

Path directory(const std::string& device) { return Path{"devices"} / device; }

/// As SCST shows names in hex.
bool is_same(const std::string& name, std::string shown, std::string wanted) {
    if (name == "naa_id" || name == "eui64_id") {
        if (!wanted.starts_with("0x") && !wanted.empty()) wanted = "0x" + wanted;
        shown = text::lower(shown);
        wanted = text::lower(wanted);
    }
    return shown == wanted;
}

struct Found {
    std::string handler{};
    std::optional<std::string> path{};
};

std::optional<Found> look(const std::string& device, const Talk& talk) {
    // A disk of the node's has a directory before a handler has it.
    const auto handler = talk.find_link(directory(device) / "handler");
    if (!handler) return {};
    return Found{handler->filename(), talk.find(directory(device) / "filename")};
}

bool is_ours(const Found& found, const std::optional<Backing_path>& path) {
    return !path || !found.path || *found.path == path->to_text();
}

/// The LUNs that show it, in targets that are not SCST's own.
std::vector<Path> luns_of(const std::string& device, const Talk& talk) {
    std::vector<Path> found;
    const auto exported = directory(device) / "exported";
    for (const auto& name : talk.objects(exported))
        if (const auto lun = talk.find_link(exported / name);
            lun && !lun->string().starts_with("targets/copy_manager/"))
            found.push_back(*lun);
    return found;
}

/// What a device of that handler can only be made with.
bool is_for_making(const std::string& name, const std::string& handler, const Talk& talk) {
    const auto usage = talk.find(Path{"handlers"} / handler / "mgmt").value_or("");
    const auto list = usage.rfind("available: ");
    if (list == std::string::npos || name == "t10_dev_id" || name == "active") return false;
    for (auto word : text::words(usage.substr(list + 11))) {
        if (word.ends_with(',')) word.pop_back();
        if (word == name) return true;
    }
    return false;
}

Error refusal(const Scst_unit& wanted, const std::string& handler, const Error& cause) {
    const auto path = "path=" + text::quoted(wanted.path ? wanted.path->to_text() : "");
    switch (cause.errnum()) {
        case ENOENT:
            return Error{Kind::wrong_on_this_node, path + ": expected one of this node"};
        case ENOTBLK:
            return Error{Kind::wrong_on_this_node,
                         path + ": expected a block device, with the handler " + handler};
        case EINVAL:
            return Error{Kind::misconfigured,
                         cause.what() + std::string{": expected attributes that SCST takes"}};
        default:
            return cause;
    }
}

Change make_device(const Scst_unit& wanted, const std::string& handler, const Talk& talk) {
    std::string keys;
    const auto add = [&](const std::string& name, const std::string& value) {
        keys += (keys.empty() ? " " : "; ") + name + "=" + value;
    };
    if (!Scst_handler{handler}.passes_through()) {
        if (wanted.path) add("filename", wanted.path->to_text());
        for (const auto& [name, value] : wanted.attributes)
            if (is_for_making(name, handler, talk)) add(name, value);
    }
    try {
        return talk.make_so({.at = Path{"handlers"} / handler / "mgmt",
                             .data = "add_device " + wanted.device + keys,
                             .deed = "device added to " + handler + keys,
                             // Not one of that name that somebody else has just made.
                             .is_so = [&] {
                                 const auto found = look(wanted.device, talk);
                                 return found && found->handler == handler &&
                                        is_ours(*found, wanted.path);
                             }});
    } catch (const Error& cause) {
        throw refusal(wanted, handler, cause);
    }
}

Change remove_device(const std::string& device, const std::string& handler, const Talk& talk) {
    auto change = Change::none;
    // One by one before the device: a step that waits can be named.
    for (const auto& lun : luns_of(device, talk))
        change |= scst_access::remove_lun(lun.parent_path(), lun.filename(), talk);
    return change | talk.make_so({.at = Path{"handlers"} / handler / "mgmt",
                                  .data = "del_device " + device,
                                  .deed = "device removed from " + handler,
                                  .is_so = [&] { return !look(device, talk); },
                                  .waits_for = "the commands of its device to end"});
}

/// Of what it was made with, what differs.
bool must_be_remade(const Scst_unit& wanted, const std::string& handler, const Talk& talk) {
    return std::any_of(wanted.attributes.begin(), wanted.attributes.end(), [&](const auto& one) {
        const auto shown = talk.find(directory(wanted.device) / one.first);
        return shown && !is_same(one.first, *shown, one.second) &&
               is_for_making(one.first, handler, talk);
    });
}

Change set_attributes(const Scst_unit& wanted, const std::string& handler, const Talk& talk) {
    auto change = Change::none;
    for (const auto& [name, value] : wanted.attributes) {
        if (is_for_making(name, handler, talk)) continue;
        const auto at = directory(wanted.device) / name;
        if (!talk.has(at)) {
            log::warning(talk.subject(), ": ", name, " is no attribute of SCST's ", handler);
            continue;
        }
        try {
            change |= talk.make_so(
                {.at = at, .data = value, .deed = name + " set to " + value, .is_so = [&] {
                     return is_same(name, talk.find(at).value_or(""), value);
                 }});
        } catch (const Error& cause) {
            if (cause.errnum() != EINVAL && cause.errnum() != EACCES) throw;
            throw Error{Kind::misconfigured,
                        name + "=" + text::quoted(value) + ": expected a value that SCST takes"};
        }
    }
    if (talk.find(directory(wanted.device) / "active") == "0")
        change |= talk.set(directory(wanted.device) / "active", "1", "device opened");
    return change;
}

Change show(const Scst_unit& wanted, const Talk& talk) {
    const auto set = scst_access::lun_set(wanted.target, talk);
    const auto number = wanted.lun->to_text();
    if (const auto other = scst_access::find_device(set / number, talk);
        other && *other != wanted.device)
        throw talk.failed("LUN " + number + " of " + wanted.target.to_text() +
                          " is another unit, " + *other);
    auto change = Change::none;
    for (const auto& one : scst_access::lun_sets(wanted.target, talk))
        if (one != set && scst_access::find_device(one / number, talk) == wanted.device)
            change |= scst_access::remove_lun(one, number, talk);
    return change | scst_access::add_lun(set, number, wanted.device, talk);
}

}  // namespace

std::string subject(const std::string& device) { return "logical unit " + device; }

void check(const Logical_unit& wanted) {
    if (!wanted.initiators.empty())
        throw Error{Kind::misconfigured,
                    "allowed_initiators=" + text::quoted(wanted.initiators.front().to_text()) +
                        ": expected none: with SCST the target's list is for all its units"};
    if (wanted.alua)
        throw Error{Kind::misconfigured,
                    "alua_group_id=" + text::quoted(std::to_string(wanted.alua->number)) +
                        ": expected none, with SCST"};
    const auto& handler = wanted.scst.handler;
    if (!handler.empty() && handler != "vdisk_blockio" && handler != "vdisk_fileio")
        throw Error{Kind::misconfigured, "scst_bstype=" + text::quoted(handler) +
                                             ": expected vdisk_blockio or vdisk_fileio"};
    check(Scst_unit::of(wanted));
}

void check(const Scst_unit& wanted) {
    const auto refuse = [](const std::string& what, const std::string& why) {
        throw Error{Kind::misconfigured, what + ": expected " + why};
    };
    const auto is_word = [](const std::string& text) {
        return text.find_first_of(" \t\n;") == std::string::npos;
    };
    if (wanted.device.empty() || wanted.device.size() > longest_name || !is_word(wanted.device) ||
        wanted.device.find('/') != std::string::npos || wanted.device.starts_with('.'))
        refuse("device_name=" + text::quoted(wanted.device),
               "up to 64 letters, without slash, blank and semicolon");
    if (wanted.path && !is_word(wanted.path->to_text()))
        refuse("path=" + text::quoted(wanted.path->to_text()),
               "a path without blank and semicolon, with SCST");
    for (const auto& [name, value] : wanted.attributes) {
        if (name == "nv_cache" && value != "0")
            log::warning("nv_cache=", value,
                         ": what initiators have flushed can be lost in a takeover");
        if (name == "usn" && value.size() > longest_serial)
            refuse("scsi_sn=" + text::quoted(value), "up to 20 letters, with SCST");
        if (!is_word(value))
            refuse(name + "=" + text::quoted(value), "no blank and no semicolon, with SCST");
        for (const auto* decided : {"filename", "active", "size", "block", "sync"})
            if (name == decided)
                refuse("additional_parameters=" + text::quoted(name + "=" + value),
                       "other attributes: that one follows from other parameters");
    }
}

std::string handler_of(const Scst_unit& wanted, const Files& files) {
    if (!wanted.handler.empty()) return wanted.handler;
    const auto path = wanted.path ? wanted.path->to_text() : "";
    if (files.find_block_device(path)) return "vdisk_blockio";
    if (files.is_regular(path)) return "vdisk_fileio";
    throw Error{Kind::wrong_on_this_node,
                "path=" + text::quoted(path) + ": expected a block device or file on this node"};
}

bool exists(const std::string& device, const std::optional<Backing_path>& path, const Talk& talk) {
    const auto found = look(device, talk);
    return found && is_ours(*found, path);
}

Change build(const Scst_unit& wanted, const std::string& handler, const Talk& talk) {
    if (wanted.lun && !talk.has(scst_access::target_directory(wanted.target)))
        throw Error{Kind::failed,
                    "target " + wanted.target.to_text() + ": expected to be started before"};
    auto change = Change::none;
    auto found = look(wanted.device, talk);
    if (found && (found->handler != handler || !is_ours(*found, wanted.path)))
        throw talk.failed("there is a device of that name, of " + found->handler + " at " +
                          text::quoted(found->path.value_or("")) + ": expected none, or " +
                          handler + " at " +
                          text::quoted(wanted.path ? wanted.path->to_text() : ""));
    if (found && must_be_remade(wanted, handler, talk)) {
        change |= remove_device(wanted.device, handler, talk);
        found.reset();
    }
    const bool was_there = found.has_value();
    change |= make_device(wanted, handler, talk);
    try {
        change |= set_attributes(wanted, handler, talk);
        if (wanted.lun) change |= show(wanted, talk);
    } catch (Error& failure) {
        // Not to be left behind with half of its identity.
        if (!was_there) try {
                remove_device(wanted.device, handler, talk);
            } catch (const Error& second) {
                failure.also(second.what());
            }
        throw;
    }
    return change;
}

Change remove(const std::string& device, const std::optional<Backing_path>& path,
              const Talk& talk) {
    const auto found = look(device, talk);
    if (!found) return Change::none;
    if (!is_ours(*found, path)) {
        log::warning(talk.subject(), ": a device of that name has ",
                     text::quoted(found->path.value_or("")), " and is not touched");
        return Change::none;
    }
    return remove_device(device, found->handler, talk);
}

unsigned end_busy_sessions(const Iscsi_name& target, const Talk& talk) {
    unsigned ended = 0;
    const auto sessions = scst_access::target_directory(target) / "sessions";
    for (const auto& name : talk.objects(sessions)) {
        const auto commands = talk.find(sessions / name / "active_commands").value_or("0");
        if (commands != "0" && talk.ask(sessions / name / "force_close", "1")) ++ended;
    }
    return ended;
}

std::vector<std::string> faults(const Scst_unit& wanted, const Talk& talk) {
    const auto found = look(wanted.device, talk);
    if (!found) return {"the device is missing"};
    std::vector<std::string> faults;
    if (!is_ours(*found, wanted.path))
        faults.push_back("the device has the path " + text::quoted(found->path.value_or("")));
    if (!wanted.handler.empty() && found->handler != wanted.handler)
        faults.push_back("the device is of " + found->handler + " instead of " + wanted.handler);
    if (talk.find(directory(wanted.device) / "active") == "0")
        faults.push_back("the device is closed");
    for (const auto& [name, value] : wanted.attributes)
        if (const auto now = talk.find(directory(wanted.device) / name);
            now && !is_same(name, *now, value))
            faults.push_back(name + " is " + text::quoted(*now) + " instead of " + value);
    if (!wanted.lun) return faults;
    const auto set = scst_access::lun_set(wanted.target, talk);
    const auto number = wanted.lun->to_text();
    const auto device = scst_access::find_device(set / number, talk);
    if (!device)
        faults.push_back("LUN " + number + " of " + wanted.target.to_text() + " is missing");
    else if (*device != wanted.device)
        faults.push_back("LUN " + number + " of " + wanted.target.to_text() + " is " + *device);
    return faults;
}

}  // namespace scst_unit
}  // namespace san
