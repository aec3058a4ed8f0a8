// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a DRBD resource, as the cluster's people see it: the transient node attribute
// "san-drbd-<resource>", such as "split-brain with bob", which crm_mon -A shows.
//
// An alarm is a note in a directory of the node that a boot empties, and the attribute follows from
// all of them. So monitor knows without asking the cluster whether there is something to clear, and
// what Pacemaker forgets when it restarts is set again.
#pragma once

#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/drbd.hpp"
#include "kernel/system.hpp"
#include "storage/replica.hpp"
#include "storage/replica_event.hpp"

namespace san::replica_alarm {

std::string attribute_name(const Replica_name& resource);

/// Adds an alarm, in place of an older one with the same text.
///
/// Errors  failed when the cluster could not be told; the note is kept, so that refresh tells it
void raise(const Replica_event& event, const std::string& text, const Replica_name& resource,
           System& node, const Deadline& deadline);

/// Removes all alarms of the resource, whatever its state is.
///
/// Change  none when there was no note; the attribute is removed all the same
/// Errors  failed when the cluster could not be told; the notes are kept
Change clear(const Replica_name& resource, System& node, const Deadline& deadline);

/// Pure. Nothing is left of any trouble that states show: data UpToDate here and on every peer,
/// and all of them connected.
bool is_healthy(const drbd::Resource& resource);

/// For monitor: clears alarms when the resource is healthy again, and else makes sure that the
/// attribute is there. What monitor itself has seen is shown with them, until it sees it no more.
/// Without anything to show it reads one directory and asks nobody.
///
/// Change  made when an alarm was cleared
/// Errors  failed when DRBD or the cluster could not be asked
Change refresh(const Replica_name& resource, System& node, const Deadline& deadline,
               const std::string& seen = {});

}  // namespace san::replica_alarm
