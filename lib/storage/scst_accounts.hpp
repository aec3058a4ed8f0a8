// SPDX-License-Identifier: GPL-2.0-or-later
// CHAP accounts of SCST's: attributes that come and go by commands, of a target or, for discovery,
// of the driver.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/chap.hpp"
#include "storage/scst_conversation.hpp"

namespace san::scst_accounts {

/// Whose accounts: a target's, or the driver's without a name.
struct Owner {
    Scst_conversation::Path at;
    std::string target{};
};

enum class Kind_of_user { incoming, outgoing };

/// Whether SCST takes it.
///
/// Source  account_add(), iscsi-scst/usr/config.c, 3.11-pre: at least 12 letters; a name ends at
/// the
///         first blank
/// Errors  misconfigured, with the parameter's name and without the password
void check(const Chap_account& account, const std::string& parameter);

std::vector<Chap_account> shown(const Owner& owner, Kind_of_user kind,
                                const Scst_conversation& talk);

/// That account and no other. One is there before another one goes, since a target without one asks
/// for none.
///
/// Errors  failed when SCST has spoilt the accounts there: a second one that was once tried
Change set(const Owner& owner, Kind_of_user kind, const std::optional<Chap_account>& wanted,
           const Scst_conversation& talk);

std::vector<std::string> faults(const Owner& owner, Kind_of_user kind,
                                const std::optional<Chap_account>& wanted,
                                const Scst_conversation& talk);

}  // namespace san::scst_accounts
