// SPDX-License-Identifier: GPL-2.0-or-later
// Persistent reservations as an initiator meets them: one verb, one session, one answer.
#pragma once

#include <iosfwd>
#include <string_view>

#include "options.hpp"

namespace initiator {

bool is_reservation_verb(std::string_view word);

/// Does options.verb and prints the answer on `out`. Returns 0 when the target said GOOD and 1 when
/// it said RESERVATION CONFLICT.
///
/// Errors  Gave_up when there was no answer within --seconds (default: one attempt)
int act_on_reservation(const Options& options, Stop& stop, std::ostream& out);

}  // namespace initiator
