// SPDX-License-Identifier: GPL-2.0-or-later
// What serves targets and their units to initiators: the kernel's LIO, tgtd, SCST or IET. The
// agents do not know which.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/system.hpp"
#include "storage/logical_unit.hpp"
#include "storage/names.hpp"
#include "storage/target.hpp"

namespace san {

class Target_subsystem {
public:
    virtual ~Target_subsystem() = default;

    // ---- a target

    /// What it cannot be asked for, as far as that is seen without a change. Errors: misconfigured,
    /// wrong_on_this_node
    virtual void check(const Target& wanted) const = 0;
    /// Nothing can be reached before it is complete.
    virtual Change start(const Target& wanted, const Deadline& deadline) = 0;
    /// As start, of a target that runs; the sessions of those who stay admitted go on.
    ///
    /// Errors  failed with nothing changed when that cannot be
    virtual Change reload(const Target& wanted, const Deadline& deadline) = 0;
    /// With all that is below it.
    virtual Change stop(const Target_place& place, const Deadline& deadline) = 0;
    virtual bool exists(const Iscsi_name& iqn, const Deadline& deadline) = 0;
    /// What keeps initiators from logging in as wanted, and who can and shall not.
    virtual std::vector<std::string> faults(const Target& wanted, const Deadline& deadline) = 0;
    /// Logs in as an initiator would. Errors: failed
    virtual void log_in(const Target& wanted, const Deadline& deadline) = 0;

    // ---- a unit of a target

    virtual void check(const Logical_unit& wanted) const = 0;
    /// Says so when it has no place for an identifier of the administrator's own.
    virtual void warn_of_identifier() const {}
    virtual Change start(const Logical_unit& wanted, const Deadline& deadline) = 0;
    /// Shows a unit that runs to whom it shall be shown.
    virtual Change reload(const Logical_unit& wanted, const Deadline& deadline) = 0;
    /// Gives a unit that is there another ALUA state. Change: none when it is not there
    virtual Change set_state(const Logical_unit& wanted, const Deadline& deadline) = 0;
    virtual Change stop(const Unit_place& place, const Deadline& deadline) = 0;
    virtual bool exists(const Unit_place& place, const Deadline& deadline) = 0;
    virtual bool has_state(const Logical_unit& wanted) = 0;
    /// What keeps initiators from using the unit as wanted.
    virtual std::vector<std::string> faults(const Logical_unit& wanted,
                                            const Deadline& deadline) = 0;
    /// Sees to what has to go on while the unit runs; runs no program.
    virtual void look_after(const Logical_unit& wanted) = 0;
    /// Logs in and asks for the unit. Errors: failed
    virtual void log_in(const Logical_unit& wanted, const Deadline& deadline) = 0;
};

/// The administrator's word for a subsystem.
struct Implementation {
    enum class Subsystem { any, lio, tgt, scst, iet };
    Subsystem subsystem = Subsystem::any;

    /// "lio-t" or "lio", which differ in the tool that the shell agents run; "tgt"; "scst"; "iet";
    /// or nothing, for the one that is found. Errors: misconfigured
    static Implementation parse(std::string_view text);
};

/// Of any: the one that has the target. Else what somebody has loaded or started on purpose: IET
/// when its module is loaded, tgt when its daemon answers, SCST when its iSCSI driver is loaded.
/// Else LIO, which every kernel has.
std::unique_ptr<Target_subsystem> choose(const Implementation& implementation,
                                         const Iscsi_name& target, System& node,
                                         const Deadline& deadline);

}  // namespace san
