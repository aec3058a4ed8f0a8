// SPDX-License-Identifier: GPL-2.0-or-later
// A logical unit on LIO: a backstore named after the resource, linked to a LUN of a target.
//
// The LUN is linked last and unlinked first: an initiator never meets a unit without its identity.
// What is there is decided by the kernel's tree alone; a path that has vanished hides nothing.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kernel/files.hpp"
#include "storage/alua.hpp"
#include "storage/backstore.hpp"
#include "storage/chap.hpp"
#include "storage/device_attribute.hpp"
#include "storage/lio.hpp"
#include "storage/names.hpp"
#include "storage/reservation_keeper.hpp"
#include "storage/reservations.hpp"
#include "storage/tree.hpp"

namespace san {

/// What only tgtd is told of a unit, in its own words; the identifier IET as well.
struct Tgt_words {
    std::string scsi_id{};      ///< as initiators read it in VPD page 0x83
    std::string driver{};       ///< bstype: rdwr, aio, sg ...; empty: as the type has it
    std::string flags{};        ///< bsoflags: sync, direct, sync:direct
    std::string options{};      ///< bsopts
    std::string device_type{};  ///< disk, cd, pt ...; empty: disk
};

/// What only SCST is told of a unit, in its own words.
struct Scst_words {
    std::string handler{};  ///< vdisk_blockio or vdisk_fileio; empty: by what the path is
};

struct Logical_unit {
    std::string name;  ///< of the backstore: the resource's instance
    Iscsi_name target;
    Lun_number lun;
    Backing_path path;
    Scsi_serial serial;
    std::optional<Scsi_vendor> vendor{};
    std::optional<Scsi_product> product{};
    std::optional<Backing::Type> type{};  ///< empty: by what the path is
    bool write_cache = false;             ///< of a file: see Backing::buffered
    std::optional<Block_size> block_size{};
    std::vector<Device_attribute> attributes{};
    std::optional<Alua> alua{};
    std::vector<Iscsi_name> initiators{};      ///< empty: whoever the target admits
    std::map<std::string, Switch> switches{};  ///< "emulate_tpu" and its like, by attribute
    /// To be restored by start. One that finds the LUN linked takes them for restored.
    Registrations registrations{};
    /// How the reservations that initiators make are kept; empty: they are not.
    std::optional<Reservation_wish> keeping{};
    Tgt_words tgt{};
    Scst_words scst{};
};

/// What finds a unit to remove: stop may come with a part of the parameters.
struct Unit_place {
    std::string name;
    std::optional<Iscsi_name> target{};
    std::optional<Lun_number> lun{};
    std::optional<Backing_path> path{};
    std::optional<Scsi_serial> serial{};
    Reservation_wish keeping{};
};

namespace logical_unit {

/// What messages call a unit.
std::string subject(const std::string& name);

/// The directory of a unit's LUN.
Configfs::Path place(const Iscsi_name& target, const Lun_number& lun);

/// The unit's place in the kernel's tree, as found.
struct Place {
    std::vector<Configfs::Path> backstores{};  ///< all of the unit's name, in any HBA
    std::string info{};                        ///< what the first of them says about its device
    bool configured = false;                   ///< the first of them has a device
    bool has_group = false;                    ///< the target is here
    bool open_to_all = false;                  ///< the target admits initiators without an entry
    lio::Links lun{};                          ///< the links in the wanted LUN
    std::map<std::string, lio::Acl> acls{};    ///< by initiator; of their LUNs only the wanted one
    std::set<std::string> sharing{};           ///< those of them that are shown other units as well
    /// What the target asks of initiators. Looked up for a unit with a list, which may admit some.
    std::optional<Chap_credentials> credentials{};
};
Place observe_place(const Logical_unit& wanted, const Configfs& configfs);

/// The unit's tree, in the order in which it is made. Links of other names are kept where they are.
Tree tree(const Logical_unit& wanted, const Backing& backing, const Place& place);

/// Pure: the steps that hide the unit from whoever was shown it and shall not be, of those that
/// our lists have admitted.
Plan surplus(const Logical_unit& wanted, const Place& place);

/// Pure: the steps that remove backstores of that name, and every LUN that exports one, on any
/// target. `lun` is the unit's own LUN: it goes too when nothing is linked there.
Plan stop_plan(const std::string& name, const std::vector<Configfs::Path>& backstores,
               const std::vector<lio::Portal_group>& groups,
               const std::optional<Configfs::Path>& lun,
               const std::vector<Configfs::Path>& alua_groups = {});

/// On a target that admits everybody the kernel makes a restored registration real when its
/// initiator logs in, and until then lets others write. So each initiator that has one, and is not
/// there yet, gets an entry that shows it all the target's units: what it would see anyway.
///
/// Source  core_scsi3_check_aptpl_registration() and its callers, 6.1
Tree admission(const Logical_unit& wanted, const Configfs& configfs);

/// Errors  wrong_on_this_node when path is neither block device nor file here, or not fit for what
///         is wanted of it; misconfigured when the unit has a list and the target admits everybody,
///         or its NAA name is that of another backstore; failed when there is no such target or the
///         LUN is another unit's
Change start(const Logical_unit& wanted, Configfs& configfs, const Files& files, Bounded& bounded,
             const Deadline& deadline);

/// Shows a unit that runs to the initiators it shall be shown to, and to nobody else. The sessions
/// of others go on.
Change reload(const Logical_unit& wanted, Configfs& configfs, const Files& files, Bounded& bounded,
              const Deadline& deadline);

/// Gives a unit that is there another ALUA state. Commands that it has begun are finished. Change:
/// none when it has that state, or is not there
Change set_state(const Logical_unit& wanted, Configfs& configfs, Bounded& bounded,
                 const Deadline& deadline);

/// Whether commands of the unit wait for its device, and not for their initiator.
bool waits_for_device(const std::string& name, const Configfs& configfs, const Files& files);

/// `lun` as in stop_plan; the nudge is for a command that does not end.
Change stop(const std::string& name, const std::optional<Configfs::Path>& lun, Configfs& configfs,
            const Files& files, Bounded& bounded, const Deadline& deadline,
            const Bounded::Nudge& nudge = {});

/// Whether there is a backstore of the unit's name.
bool exists(const Logical_unit& wanted, const Configfs& configfs);
/// The backstore, when it is linked to the unit's LUN: from then on nothing can be restored.
std::optional<Configfs::Path> find_linked(const Logical_unit& wanted, const Configfs& configfs);
/// What keeps initiators from using the unit as wanted; empty when nothing does.
std::vector<std::string> faults(const Logical_unit& wanted, const Configfs& configfs,
                                const Files& files);

}  // namespace logical_unit
}  // namespace san
