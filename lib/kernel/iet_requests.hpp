// SPDX-License-Identifier: GPL-2.0-or-later
// What ietadm(8) can be asked for, 1.4.20.2.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/iet.hpp"
#include "kernel/iet_listing.hpp"

namespace san::iet {

/// Of one that is made, 0 would leave the number to the module.
Request make_target(std::uint32_t number, const std::string& name);
/// The module takes its units with it. EBUSY while it has sessions.
Request remove_target(std::uint32_t number);

/// Of the target itself, such as QueuedCommands.
Request show_parameters(std::uint32_t target);
/// What the target offers when an initiator logs in.
Request show_login_parameters(std::uint32_t target);
/// Of a value that is out of bounds ietadm takes a bound, and says nothing of it; a word is the
/// number 0. Commas separate parameters, and nothing can quote one.
Request set_parameter(std::uint32_t target, const Parameter& parameter);

/// With its keys, such as Path, Type, ScsiId, ScsiSN, IOMode, BlockSize: all there is to say of a
/// unit, in one request.
Request make_unit(std::uint32_t target, std::uint32_t unit, const std::vector<Parameter>& keys);
/// At once, or when its commands have come back. To be asked for once: the module counts each
/// request as a unit less (iscsi_volume_del, kernel/volume.c).
Request remove_unit(std::uint32_t target, std::uint32_t unit);

/// Begins to: the session is there until its commands have come back.
Request end_connection(std::uint32_t target, const Connection& connection);

}  // namespace san::iet
