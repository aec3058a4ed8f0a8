// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers of DRBD's states. Those of 8.4 and 9 differ: one table each.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/drbd.hpp"

namespace san::drbd {

/// What is spoken with the module. The strict form of 8.4 (mainline since 2026) has the numbers of
/// 8.4 and refuses attributes that it does not expect.
enum class Dialect { v84, strict_v84, v9 };

// Source: linux/drbd.h of either version. A number that is not in the table is `unknown`, or for
// connections stand_alone: nobody may take it for something good.
Role role_of(std::uint32_t number);
Disk disk_of(Dialect dialect, std::uint32_t number);
Connection connection_of(std::uint32_t number);
/// DRBD's word for the state of replication of one volume; a number without one stays readable.
std::string replication_of(std::uint32_t number);

const char* word(Role role);
const char* word(Disk disk);
const char* word(Connection connection);

/// What an answer's code means, for the administrator.
std::string meaning_of(int code);

}  // namespace san::drbd
