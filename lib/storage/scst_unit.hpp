// SPDX-License-Identifier: GPL-2.0-or-later
// A logical unit of SCST's: a device of one of its handlers, shown as a LUN of a target. The LUN is
// added last and removed first, so that nobody meets a device without its identity.
//
// A device is ours when it has our name, our handler and our path. Of any other nothing is touched:
// SCST itself protects none.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/change.hpp"
#include "kernel/files.hpp"
#include "storage/logical_unit.hpp"
#include "storage/scst_conversation.hpp"

namespace san {

/// One of SCST's handlers of devices.
struct Scst_handler {
    std::string name;
    /// Those that keep what is written. Errors: misconfigured
    static Scst_handler parse(std::string_view text);
    /// Whether commands go to a SCSI device as they are.
    bool passes_through() const { return name.starts_with("dev_"); }
};

struct Scst_unit {
    std::string device;  ///< SCST's name for it; of a disk that is passed through H:C:I:L
    Iscsi_name target;
    std::optional<Lun_number> lun{};  ///< none: the device alone, which nobody sees
    std::string handler{};            ///< vdisk_blockio ...; empty: by what the path is
    std::optional<Backing_path> path{};
    /// In SCST's words: what a device is made with, such as blocksize and write_through, and what
    /// it is given afterwards, such as usn and threads_num. Which is which SCST tells.
    std::vector<std::pair<std::string, std::string>> attributes{};

    /// The unit that the values of all subsystems stand for.
    static Scst_unit of(const Logical_unit& wanted);
};

namespace scst_unit {

std::string subject(const std::string& device);

/// What SCST cannot be asked for. Errors: misconfigured
void check(const Logical_unit& wanted);
void check(const Scst_unit& wanted);

/// The handler that is wanted, or that fits the path.
///
/// Errors  wrong_on_this_node when the path is neither a block device nor a file here
std::string handler_of(const Scst_unit& wanted, const Files& files);

/// The device, if it is there and ours. Without a path every device of that name is.
bool exists(const std::string& device, const std::optional<Backing_path>& path,
            const Scst_conversation& talk);

/// Errors  failed when there is no such target, or the number or the name is another's;
///         wrong_on_this_node when SCST cannot open the path; misconfigured when it takes a value
///         not
Change build(const Scst_unit& wanted, const std::string& handler, const Scst_conversation& talk);

/// Waits until its commands have come back.
Change remove(const std::string& device, const std::optional<Backing_path>& path,
              const Scst_conversation& talk);

/// Ends the sessions of a target that have commands in service, of initiators whose way may be
/// cut: SCST waits for the rest of their data (RspTimeout, 90 s). Returns how many there were.
unsigned end_busy_sessions(const Iscsi_name& target, const Scst_conversation& talk);

/// What keeps initiators from using the unit as wanted.
std::vector<std::string> faults(const Scst_unit& wanted, const Scst_conversation& talk);

}  // namespace scst_unit
}  // namespace san
