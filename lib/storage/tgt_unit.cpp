// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_unit.hpp"

#include <algorithm>
#include <array>
#include <poll.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/tgt_conversation.hpp"

namespace san::tgt_unit {

namespace {

using namespace std::chrono_literals;
using Talk = Tgt_conversation;

constexpr auto look_again = 100ms;

/// The page with which initiators learn of the write cache, and by which the daemon decides whether
/// to write through (bs_rdwr.c, 1.0.85): all as the daemon has it, but for the cache.
constexpr auto without_cache =
    "8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0";
constexpr auto with_cache = "8:0:18:0x14:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0";

std::string subject(const std::string& name) { return "logical unit " + name; }

std::string words(const Lun_number& lun, const Iscsi_name& target) {
    return "LUN " + lun.to_text() + " of " + target.to_text();
}

struct Type {
    const char* word;
    std::uint32_t number;
    const char* shown;
};
// tgtadm(8), 1.0.85.
constexpr std::array<Type, 6> types{{{"disk", 0, "disk"},
                                     {"tape", 1, "tape"},
                                     {"cd", 5, "cd/dvd"},
                                     {"changer", 8, "changer"},
                                     {"osd", 17, "osd"},
                                     {"pt", 255, "passthrough"}}};

const Type& type_of(const Logical_unit& unit) {
    if (unit.tgt.device_type.empty()) return types.front();
    for (const auto& type : types)
        if (unit.tgt.device_type == type.word) return type;
    throw Error{Kind::misconfigured, "tgt_device_type=" + text::quoted(unit.tgt.device_type) +
                                         ": expected disk, tape, cd, changer, osd or pt"};
}

/// Other types than disks have drivers of their own, which the daemon knows.
std::string driver_of(const Logical_unit& unit) {
    return unit.tgt.driver.empty() && type_of(unit).number == 0 ? "rdwr" : unit.tgt.driver;
}

/// The kernel does its I/O past the page cache for this driver, which refuses to be told so.
std::string flags_of(const Logical_unit& unit) {
    return driver_of(unit) == "aio" && unit.tgt.flags == "direct" ? "" : unit.tgt.flags;
}

std::vector<tgt::Parameter> making(const Logical_unit& unit) {
    std::vector<tgt::Parameter> keys{{"path", unit.path.to_text()}};
    if (const auto driver = driver_of(unit); !driver.empty()) keys.push_back({"bstype", driver});
    if (!unit.tgt.options.empty()) keys.push_back({"bsopts", unit.tgt.options});
    if (const auto flags = flags_of(unit); !flags.empty()) keys.push_back({"bsoflags", flags});
    if (unit.block_size) keys.push_back({"blocksize", unit.block_size->to_text()});
    return keys;
}

/// Identity first: what an initiator must not see otherwise.
std::vector<tgt::Parameter> setting(const Logical_unit& unit) {
    std::vector<tgt::Parameter> keys{{"scsi_sn", unit.serial.to_text()}};
    if (!unit.tgt.scsi_id.empty()) keys.push_back({"scsi_id", unit.tgt.scsi_id});
    if (unit.vendor) keys.push_back({"vendor_id", unit.vendor->to_text()});
    if (unit.product) keys.push_back({"product_id", unit.product->to_text()});
    // A list of pages given by hand comes after ours, and so prevails.
    if (type_of(unit).number == 0)
        keys.push_back({"mode_page", unit.write_cache ? with_cache : without_cache});
    keys.push_back({"online", "1"});
    for (const auto& [name, value] : unit.attributes) keys.push_back({name, value});
    return keys;
}

std::string attributes_of(const Logical_unit& unit) {
    std::vector<std::string> words;
    for (const auto& one : unit.attributes) words.push_back(one.to_text());
    return text::joined(words, " ");
}

bool is_ours(const tgt::Unit& found, const Unit_place& place) {
    return (place.path && found.path == place.path->to_text()) ||
           (place.serial && found.serial == place.serial->to_text());
}

Unit_place place_of(const Logical_unit& unit) {
    return {.name = unit.name,
            .target = unit.target,
            .lun = unit.lun,
            .path = unit.path,
            .serial = unit.serial};
}

bool is_ours(const tgt::Unit& found, const Logical_unit& unit) {
    return is_ours(found, place_of(unit));
}

struct Found {
    std::int32_t target = 0;
    std::optional<tgt::Unit> unit{};  ///< whosever it is
};

/// Nothing when there is no such target.
std::optional<Found> look(const Iscsi_name& name, const Lun_number& lun, const Talk& talk) {
    const auto target = talk.target(name.to_text());
    if (!target) return {};
    Found found{.target = target->number};
    for (const auto& unit : target->units)
        if (unit.number == lun.number()) found.unit = unit;
    return found;
}

std::optional<Found> look(const Logical_unit& wanted, const Talk& talk) {
    return look(wanted.target, wanted.lun, talk);
}

std::string place(const Logical_unit& unit) { return words(unit.lun, unit.target); }

std::vector<std::string> differences(const Logical_unit& wanted, const tgt::Unit& found) {
    std::vector<std::string> all;
    const auto compare = [&](const char* what, const std::string& is, const std::string& shall) {
        if (is != shall)
            all.push_back(std::string{what} + " is " + text::quoted(is) + " instead of " +
                          text::quoted(shall));
    };
    compare("path", found.path, wanted.path.to_text());
    compare("serial number", found.serial, wanted.serial.to_text());
    if (!wanted.tgt.scsi_id.empty()) compare("scsi_id", found.scsi_id, wanted.tgt.scsi_id);
    compare("type", found.type, type_of(wanted).shown);
    if (const auto driver = driver_of(wanted); !driver.empty())
        compare("driver", found.driver, driver);
    compare("flags", found.flags, flags_of(wanted));
    if (wanted.block_size)
        compare("block size", std::to_string(found.block_size), wanted.block_size->to_text());
    if (!found.online) all.emplace_back("it is offline");
    return all;
}

/// What only a unit made anew can have.
bool must_be_remade(const Logical_unit& wanted, const tgt::Unit& found) {
    return found.path != wanted.path.to_text() ||
           (!driver_of(wanted).empty() && found.driver != driver_of(wanted)) ||
           found.flags != flags_of(wanted) || found.type != type_of(wanted).shown ||
           (wanted.block_size && found.block_size != wanted.block_size->bytes());
}

Change remove(const Unit_place& place, const Talk& talk) {
    const auto name = words(*place.lun, *place.target);
    auto change = Change::none;
    for (;;) {
        const auto found = look(*place.target, *place.lun, talk);
        if (!found || !found->unit || !is_ours(*found->unit, place)) return change;
        const auto code =
            talk.attempt(tgt::remove_unit(found->target, found->unit->number), name + " removed");
        if (code == 0)
            change = Change::made;
        else if (code == tgt::unit_is_busy && talk.deadline().left() <= look_again)
            throw Error{Kind::failed, talk.subject() +
                                          ": time is up while waiting for a command of " + name +
                                          ", " + found->unit->path};
        else if (code == tgt::unit_is_busy)
            ::poll(nullptr, 0, static_cast<int>(look_again.count()));
        else if (code != tgt::no_such_unit && code != tgt::no_target)
            throw Error{Kind::failed, talk.subject() + ": " + tgt::meaning_of(code)};
    }
}

}  // namespace

void check(const Logical_unit& wanted) {
    if (wanted.lun.number() == 0)
        throw Error{Kind::misconfigured,
                    "lun=\"0\": expected a number from 1: tgt keeps 0 for itself"};
    if (!wanted.initiators.empty())
        throw Error{Kind::misconfigured,
                    "allowed_initiators=" + text::quoted(wanted.initiators.front().to_text()) +
                        ": expected none: tgt has a list for the whole target only"};
    if (wanted.alua)
        throw Error{Kind::misconfigured,
                    "alua_group_id=" + text::quoted(std::to_string(wanted.alua->number)) +
                        ": expected none: tgt has no ALUA"};
    type_of(wanted);
    // Commas separate what the daemon reads.
    const std::pair<const char*, std::string> words[]{
        {"tgt_bstype", wanted.tgt.driver},
        {"tgt_bsoflags", wanted.tgt.flags},
        {"tgt_bsopts", wanted.tgt.options},
        {"scsi_id", wanted.tgt.scsi_id},
        {"scsi_sn", wanted.serial.to_text()},
        {"vendor_id", wanted.vendor ? wanted.vendor->to_text() : ""},
        {"product_id", wanted.product ? wanted.product->to_text() : ""},
        {"additional_parameters", attributes_of(wanted)}};
    for (const auto& [parameter, value] : words)
        if (value.find(',') != std::string::npos)
            throw Error{Kind::misconfigured, std::string{parameter} + "=" + text::quoted(value) +
                                                 ": expected no comma, with tgt"};
}

Change start(const Logical_unit& wanted, tgt::Daemon& daemon, const Files& files,
             const Deadline& deadline) {
    const Talk talk{daemon, deadline, subject(wanted.name)};
    auto found = look(wanted, talk);
    if (!found)
        throw Error{Kind::failed,
                    "target " + wanted.target.to_text() + ": expected to be started before"};
    if (found->unit && !is_ours(*found->unit, wanted))
        throw Error{Kind::failed, place(wanted) + " is another unit, " + found->unit->path};
    auto change = Change::none;
    if (found->unit && must_be_remade(wanted, *found->unit)) {
        change |= remove(place_of(wanted), talk);
        found->unit.reset();
    }
    if (!found->unit) {
        const auto code = talk.attempt(tgt::make_unit(found->target, wanted.lun.number(),
                                                      making(wanted), type_of(wanted).number),
                                       place(wanted) + " added");
        if (code == tgt::invalid_request && driver_of(wanted) == "rdwr" &&
            !files.exists(wanted.path.to_text()))
            throw Error{Kind::wrong_on_this_node,
                        "path=" + text::quoted(wanted.path.to_text()) +
                            ": expected a block device or file on this node"};
        if (code == tgt::invalid_request)
            throw Error{Kind::wrong_on_this_node,
                        "path=" + text::quoted(wanted.path.to_text()) +
                            ": expected one that tgtd can open with tgt_bstype=" +
                            text::quoted(driver_of(wanted)) +
                            " tgt_bsoflags=" + text::quoted(flags_of(wanted))};
        if (code != 0) throw Error{Kind::failed, talk.subject() + ": " + tgt::meaning_of(code)};
        change = Change::made;
    }
    // In one request: each is a moment in which an initiator reads.
    const auto code = talk.attempt(
        tgt::set_unit(found->target, wanted.lun.number(), setting(wanted)), "identity set");
    if (code != 0) {
        // Not to be seen with half of it.
        if (change == Change::made) remove(place_of(wanted), talk);
        if (code == tgt::invalid_request)
            throw Error{Kind::misconfigured,
                        "additional_parameters=" + text::quoted(attributes_of(wanted)) +
                            ": expected parameters that tgtd takes"};
        throw Error{Kind::failed, talk.subject() + ": " + tgt::meaning_of(code)};
    }
    return change;
}

Change stop(const Unit_place& place, tgt::Daemon& daemon, const Deadline& deadline) {
    if (!place.target || !place.lun) return Change::none;
    return remove(place, Talk{daemon, deadline, subject(place.name)});
}

bool exists(const Unit_place& place, tgt::Daemon& daemon, const Deadline& deadline) {
    if (!place.target || !place.lun) return false;
    const Talk talk{daemon, deadline, subject(place.name)};
    const auto found = look(*place.target, *place.lun, talk);
    return found && found->unit && is_ours(*found->unit, place);
}

std::vector<std::string> faults(const Logical_unit& wanted, tgt::Daemon& daemon,
                                const Deadline& deadline) {
    const auto found = look(wanted, Talk{daemon, deadline, subject(wanted.name)});
    if (!found) return {"there is no target " + wanted.target.to_text()};
    if (!found->unit || !is_ours(*found->unit, wanted)) return {place(wanted) + " is missing"};
    return differences(wanted, *found->unit);
}

}  // namespace san::tgt_unit
