// SPDX-License-Identifier: GPL-2.0-or-later
// The account with which initiators ask a node for its targets (SendTargets). The kernel has one
// for all targets of a node, so it belongs to all of them together: the first sets it, another one
// must want the same, and it goes with the last.
#pragma once

#include <string>
#include <vector>

#include "base/bounded.hpp"
#include "base/change.hpp"
#include "base/deadline.hpp"
#include "kernel/configfs.hpp"
#include "storage/chap.hpp"
#include "storage/names.hpp"

namespace san::discovery {

/// Errors  misconfigured, without the password
void check(const Chap_account& account);

/// Makes initiators authenticate themselves, before the target is there.
///
/// Errors  wrong_on_this_node when other targets are here and the account is another one
Change start(const Chap_account& account, const Iscsi_name& target, Configfs& configfs,
             Bounded& bounded, const Deadline& deadline);

/// Takes the account away, unless other targets are here.
Change stop(const Iscsi_name& target, Configfs& configfs, Bounded& bounded,
            const Deadline& deadline);

/// How what is asked differs from what should be.
std::vector<std::string> faults(const Chap_account& account, const Configfs& configfs);

}  // namespace san::discovery
