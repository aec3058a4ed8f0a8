// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/iet_unit.hpp"

#include <cerrno>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "storage/iet_conversation.hpp"

namespace san::iet_unit {

namespace {

using namespace std::chrono_literals;
using Talk = Iet_conversation;

/// As with LIO, an answer that takes longer is one that needs help.
constexpr auto patience = 2s;

// set_scsiid and set_scsisn of kernel/volume.c, 1.4.20.2.
constexpr std::size_t longest_id = 16;
constexpr std::size_t longest_serial = 32;

Talk talk_of(const std::string& name, System& node, const Deadline& deadline) {
    return {node.iet, deadline, "logical unit " + name};
}

std::string words(const Lun_number& lun, const Iscsi_name& target) {
    return "LUN " + lun.to_text() + " of " + target.to_text();
}
std::string words(const Logical_unit& unit) { return words(unit.lun, unit.target); }

/// As the shell agent has it: without the page cache for a block device.
std::string type_of(const Logical_unit& unit, const Files& files) {
    const bool is_block =
        unit.type ? *unit.type == Backing::Type::block : !files.is_regular(unit.path.to_text());
    return is_block ? "blockio" : "fileio";
}

/// A write is on the disk before it is answered, unless the cache is wanted. A device without page
/// cache is always so.
std::string mode_of(const Logical_unit& unit, const std::string& type) {
    for (const auto& [name, value] : unit.attributes)
        if (text::lower(name) == "iomode" && (type == "fileio" || value == "ro")) return value;
    return unit.write_cache && type == "fileio" ? "wb" : "wt";
}

std::vector<iet::Parameter> making(const Logical_unit& unit, const Files& files) {
    const auto type = type_of(unit, files);
    std::vector<iet::Parameter> keys{{"Path", unit.path.to_text()},
                                     {"Type", type},
                                     {"ScsiSN", unit.serial.to_text()},
                                     {"IOMode", mode_of(unit, type)}};
    if (!unit.tgt.scsi_id.empty()) keys.push_back({"ScsiId", unit.tgt.scsi_id});
    if (unit.block_size) keys.push_back({"BlockSize", unit.block_size->to_text()});
    for (const auto& [name, value] : unit.attributes)
        if (text::lower(name) != "iomode") keys.push_back({name, value});
    return keys;
}

std::string attributes_of(const Logical_unit& unit) {
    std::vector<std::string> all;
    for (const auto& one : unit.attributes) all.push_back(one.to_text());
    return text::joined(all, " ");
}

struct Found {
    std::uint32_t target = 0;
    std::optional<iet::Unit> unit{};  ///< whosever it is
    bool is(const Backing_path& path) const { return unit && unit->path == path.to_text(); }
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

std::vector<std::string> differences(const Logical_unit& wanted, const iet::Unit& found,
                                     const Files& files) {
    std::vector<std::string> all;
    const auto compare = [&](const char* what, const std::string& is, const std::string& shall) {
        if (is != shall)
            all.push_back(std::string{what} + " is " + text::quoted(is) + " instead of " +
                          text::quoted(shall));
    };
    const auto type = type_of(wanted, files);
    compare("type", found.type, type);
    compare("mode", found.mode, mode_of(wanted, type));
    if (wanted.block_size && found.block_size != 0)
        compare("block size", std::to_string(found.block_size), wanted.block_size->to_text());
    if (found.is_leaving) all.emplace_back("it was removed, but for commands that are at work");
    return all;
}

/// Once, and no matter how that ends: it is only to help.
void end_sessions(std::uint32_t target, const Talk& talk) try {
    for (const auto& one : talk.connections(target))
        talk.change(iet::end_connection(target, one),
                    "session of " + text::quoted(one.initiator) + " ended", {ENOENT, EEXIST});
} catch (const Error& trouble) {
    log::warning(talk.subject(), ": ", trouble.what());
}

Change remove(const Iscsi_name& target, const Lun_number& lun, const Backing_path& path,
              const Talk& talk) {
    const auto name = words(lun, target);
    const auto long_enough = talk.deadline().within(patience);
    auto change = Change::none;
    bool settled = false, helped = false;
    for (;;) {
        const auto found = look(target, lun, talk);
        if (!found || !found->is(path)) return change;
        if (!found->unit->is_leaving) {
            if (change == Change::made)
                throw Error{Kind::failed, talk.subject() + ": " + name + " came back"};
            // One who was given up may have asked for it already.
            if (!std::exchange(settled, true)) {
                talk.settle();
                continue;
            }
            change |= talk.change(iet::remove_unit(found->target, found->unit->number),
                                  name + " removed", {ENOENT});
            // Most are gone at once.
            if (change == Change::made) continue;
        }
        if (long_enough.expired() && !std::exchange(helped, true))
            end_sessions(found->target, talk);
        talk.wait_for("a command of " + name + ", " + path.to_text());
        // It has begun to go, by us or by whoever was before us.
        change = Change::made;
    }
}

}  // namespace

void check(const Logical_unit& wanted) {
    if (!wanted.initiators.empty())
        throw Error{Kind::misconfigured,
                    "allowed_initiators=" + text::quoted(wanted.initiators.front().to_text()) +
                        ": expected none: IET has a list for the whole target only"};
    if (wanted.alua)
        throw Error{Kind::misconfigured,
                    "alua_group_id=" + text::quoted(std::to_string(wanted.alua->number)) +
                        ": expected none: IET has no ALUA"};
    if (wanted.serial.to_text().size() > longest_serial)
        throw Error{Kind::misconfigured, "scsi_sn=" + text::quoted(wanted.serial.to_text()) +
                                             ": expected at most 32 letters, with iet"};
    if (wanted.tgt.scsi_id.size() > longest_id)
        throw Error{Kind::misconfigured, "scsi_id=" + text::quoted(wanted.tgt.scsi_id) +
                                             ": expected at most 16 letters, with iet"};
    // Commas separate what the module reads.
    const std::pair<const char*, std::string> all[]{
        {"scsi_id", wanted.tgt.scsi_id},
        {"scsi_sn", wanted.serial.to_text()},
        {"additional_parameters", attributes_of(wanted)}};
    for (const auto& [parameter, value] : all)
        if (value.find(',') != std::string::npos)
            throw Error{Kind::misconfigured, std::string{parameter} + "=" + text::quoted(value) +
                                                 ": expected no comma, with iet"};
    // Each is said by a parameter of its own, and the module takes the last word.
    for (const auto& one : wanted.attributes)
        for (const auto* own : {"path", "type", "scsiid", "scsisn", "blocksize"})
            if (text::lower(one.name) == own)
                throw Error{Kind::misconfigured,
                            "additional_parameters=" + text::quoted(one.to_text()) +
                                ": expected none that has a parameter of its own"};
}

Change start(const Logical_unit& wanted, System& node, const Deadline& deadline) {
    const auto talk = talk_of(wanted.name, node, deadline);
    auto found = look(wanted.target, wanted.lun, talk);
    if (!found)
        throw Error{Kind::failed,
                    "target " + wanted.target.to_text() + ": expected to be started before"};
    if (found->unit && !found->is(wanted.path))
        throw Error{Kind::failed,
                    words(wanted) + " is another unit, " + text::quoted(found->unit->path)};
    if (!node.files.exists(wanted.path.to_text()))
        throw Error{Kind::wrong_on_this_node, "path=" + text::quoted(wanted.path.to_text()) +
                                                  ": expected a block device or file on this node"};
    auto change = Change::none;
    if (found->unit) {
        if (differences(wanted, *found->unit, node.files).empty()) return Change::none;
        change |= remove(wanted.target, wanted.lun, wanted.path, talk);
    }
    const auto deed = words(wanted) + " added";
    const auto answer = talk.attempt(
        iet::make_unit(found->target, wanted.lun.number(), making(wanted, node.files)), deed);
    if (answer.ok()) {
        // It has no sync of its own, and tio_sync is content with that (kernel/tio.c, 1.4.20.2).
        if (type_of(wanted, node.files) == "blockio")
            log::warning(talk.subject(),
                         ": IET's blockio answers an initiator's flush without one; a disk with a "
                         "volatile cache can lose what was acknowledged");
        return Change::made;
    }
    if (answer.errnum == EINVAL)
        throw Error{Kind::misconfigured,
                    "additional_parameters=" + text::quoted(attributes_of(wanted)) +
                        ": expected parameters that IET takes, and a block size that the device "
                        "has"};
    talk.fail(deed, answer);
}

Change stop(const Unit_place& place, System& node, const Deadline& deadline) {
    if (!place.target || !place.lun || !place.path) return Change::none;
    return remove(*place.target, *place.lun, *place.path, talk_of(place.name, node, deadline));
}

bool exists(const Unit_place& place, System& node, const Deadline& deadline) {
    if (!place.target || !place.lun || !place.path) return false;
    const auto found = look(*place.target, *place.lun, talk_of(place.name, node, deadline));
    return found && found->is(*place.path);
}

std::vector<std::string> faults(const Logical_unit& wanted, System& node,
                                const Deadline& deadline) {
    const auto found = look(wanted.target, wanted.lun, talk_of(wanted.name, node, deadline));
    if (!found) return {"there is no target " + wanted.target.to_text()};
    if (!found->is(wanted.path)) return {words(wanted) + " is missing"};
    return differences(wanted, *found->unit, node.files);
}

}  // namespace san::iet_unit
