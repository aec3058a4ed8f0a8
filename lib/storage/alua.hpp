// SPDX-License-Identifier: GPL-2.0-or-later
// ALUA: what initiators are told of how a unit can be reached through this node.
//
//   <device>/alua/default_tg_pt_gp/      every LUN is in it when it is linked
//   <device>/alua/<group>/               the unit's own, with a number
//   <portal group>/lun/lun_1/alua_tg_pt_gp
//
// A node tells of its own group alone; initiators put the answers of all paths together, by the
// groups' numbers. So nodes that show one unit at the same time need different numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/configfs.hpp"
#include "storage/tree.hpp"

namespace san {

/// The state of a group, in the words that SCST and LIO's tools share.
class Alua_state {
public:
    /// "active", "nonoptimized", "standby" or "unavailable". Errors: misconfigured
    static Alua_state parse(std::string_view text);
    const std::string& to_text() const { return word_; }
    /// As the kernel writes and reads it.
    std::string number() const;
    friend bool operator==(const Alua_state&, const Alua_state&) = default;

private:
    explicit Alua_state(std::string word) : word_{std::move(word)} {}
    std::string word_;
};

/// The name of a group's directory.
class Alua_group_name {
public:
    /// Source  TG_PT_GROUP_NAME_BUF, target_core_alua.h, 6.1; "NULL" means no group there
    /// Errors  misconfigured
    static Alua_group_name parse(std::string_view text);
    const std::string& to_text() const { return name_; }

private:
    explicit Alua_group_name(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

/// How one unit shall be seen.
struct Alua {
    Alua_group_name group;
    std::uint16_t number;
    Alua_state state;
};

namespace alua {

/// Adds the group and its state, which need a device that is open, and which must be there before
/// the LUN. The default group gets the same state: every LUN is in that one first.
///
/// Initiators may not change the state by themselves (SET TARGET PORT GROUPS): the cluster decides.
void add_group(Tree& tree, const Configfs::Path& device, const Alua& wanted);
/// Adds that the LUN is in the group, which needs the LUN.
void add_member(Tree& tree, const Configfs::Path& device, const Configfs::Path& lun,
                const Alua& wanted);
/// Adds the state alone.
void add_state(Tree& tree, const Configfs::Path& device, const Alua& wanted);

/// Whether the group of that device has that state.
bool has_state(const Configfs& configfs, const Configfs::Path& device, const Alua& wanted);

/// The groups of a device that are not the kernel's own: they have to go before it.
std::vector<Configfs::Path> groups(const Configfs& configfs, const Configfs::Path& device);

}  // namespace alua
}  // namespace san
