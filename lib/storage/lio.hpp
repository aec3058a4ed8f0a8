// SPDX-License-Identifier: GPL-2.0-or-later
// LIO, the kernel's own target: where its objects stand in configfs, and what stands there now.
//
//   target/core/iblock_7/lun1/                   backstore: HBA, then device
//   target/iscsi/<iqn>/tpgt_1/                   portal group
//     np/0.0.0.0:3260/                           portal
//     lun/lun_0/<link> -> target/core/iblock_7/lun1
//     acls/<initiator>/lun_0/<link> -> .../tpgt_1/lun/lun_0
//
// Links may have any name; targetcli draws ten letters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"
#include "storage/names.hpp"
#include "storage/plan.hpp"

namespace san::lio {

inline const Configfs::Path core{"target/core"};
inline const Configfs::Path fabric{"target/iscsi"};

// Tags of access entries: who made them, and so what they open.
/// From a target's list: every unit without a list of its own is shown to it.
inline constexpr auto target_list_tag = "san-target-list";
/// From a unit's list: it goes with the last unit that names it. One without a tag, as a killed
/// start may leave it, opens nothing.
inline constexpr auto unit_list_tag = "san-unit-list";
/// On a target that admits everybody, for an initiator whose registration is to be in force before
/// it logs in. It goes with the last unit that is shown to it.
inline constexpr auto registered_tag = "san-registered";

/// The alias of a backstore whose unit has a list of its own, which the target's list does not
/// extend.
inline constexpr auto own_list_mark = "san-own-list";
/// Of all others.
inline constexpr auto shared_mark = "san-shared";

Configfs::Path target_directory(const Iscsi_name& iqn);
/// The agents, old and new, use portal group 1 only.
Configfs::Path group_directory(const Iscsi_name& iqn);

/// The links in a directory: name and target.
using Links = std::map<std::string, Configfs::Path>;
Links links(const Configfs& configfs, const Configfs::Path& directory);

/// A LUN of a portal group, or as mapped for one initiator.
struct Lun {
    Configfs::Path at;
    Links links{};
};

struct Acl {
    Configfs::Path at;
    std::string tag{};
    std::vector<Lun> luns{};
    std::string initiator() const { return at.filename(); }
};

struct Portal_group {
    Configfs::Path at;
    bool enabled = false;
    std::vector<std::string> portals{};
    std::vector<Acl> acls{};
    std::vector<Lun> luns{};
};

/// The portal groups of a target directory; none when there is no target.
std::vector<Portal_group> portal_groups(const Configfs& configfs, const Configfs::Path& target);

/// The portals of one. Errors: failed when one has a name that our agents have not given it, such
/// as a link-local address with its link
std::vector<Portal> portals(const Configfs& configfs, const Configfs::Path& group);

/// Whether an access entry shows its initiator anything.
bool has_luns(const Configfs& configfs, const Configfs::Path& acl);
/// Whether it shows others than that one.
bool has_others(const Configfs& configfs, const Configfs::Path& acl, const Configfs::Path& lun);

/// Adds the steps that remove a LUN with its links.
void remove(Plan& plan, const Lun& lun, const std::string& whose = {});
/// Adds the step that removes an initiator's entry, unless another unit has come to it meanwhile.
void remove(Plan& plan, const Acl& acl);

/// Makes LIO available: modules, mount, fabric directory. Only start calls this.
///
/// Errors  not_installed when this kernel has no LIO
void load(Configfs& configfs, Commands& commands, const Deadline& deadline);

/// Makes the directory in which the kernel keeps notes on persistent reservations. Where it is
/// missing the kernel refuses every one of them, which clusters of initiators need. A node that
/// cannot have it is warned about, and serves all the others.
///
/// Source  __core_scsi3_write_aptpl_to_file, target_core_pr.c, 6.1
void allow_reservations(const Configfs& configfs, const Files& files);

}  // namespace san::lio
