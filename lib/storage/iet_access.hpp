// SPDX-License-Identifier: GPL-2.0-or-later
// Whom ietd lets in: a line for each target in files that it reads at every login. Of these files
// only our target's lines are touched.
//
// Source  match and plain_initiator_allow in usr/plain.c, README.initiators, 1.4.20.2: the first
// line
//         of the target or of ALL decides, without one nobody is let in, and without the file
//         everybody. Where initiators.deny is as well, whoever it does not name is let in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounded.hpp"
#include "base/change.hpp"
#include "kernel/files.hpp"
#include "storage/target.hpp"

namespace san::iet_access {

/// The line's words for whom the target admits. ietd takes a name for a regular expression.
///
/// Errors  misconfigured for what it cannot be told
std::vector<std::string> entries(const Target& wanted);
/// The name that is meant by an entry of ours, if it is one.
std::optional<std::string> find_name(std::string_view entry);

/// Pure: the file with one line for the target, where ietd finds it before one of ALL, and all
/// other lines as they were. Without entries nobody comes in.
std::string with(std::string_view file, const Iscsi_name& iqn,
                 const std::vector<std::string>& entries);
std::string without(std::string_view file, const Iscsi_name& iqn);
/// Pure: the entries of the line by which ietd decides; nothing when it finds none.
std::optional<std::vector<std::string>> decision(std::string_view file, const Iscsi_name& iqn);

/// One at a time on this node; each file is as it was, or as it shall be.
///
/// Errors  failed, Abandoned at the deadline
Change set(const Iscsi_name& iqn, const std::vector<std::string>& entries, const Files& files,
           Bounded& bounded, const Deadline& deadline);
/// Takes the target's lines away.
Change remove(const Iscsi_name& iqn, const Files& files, Bounded& bounded,
              const Deadline& deadline);

/// Whom the target admits and shall not, and the other way round.
std::vector<std::string> faults(const Iscsi_name& iqn, const std::vector<std::string>& entries,
                                const Files& files);
/// Those that ietd reads for the target, of everybody {"ALL"}.
std::vector<std::string> admitted(const Iscsi_name& iqn, const Files& files);

}  // namespace san::iet_access
