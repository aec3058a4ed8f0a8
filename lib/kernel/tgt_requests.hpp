// SPDX-License-Identifier: GPL-2.0-or-later
// What can be asked of tgtd, in the words that its tgtadm uses. Each request that must have a text
// has one: without it the daemon dies (1.0.85).
#pragma once

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "kernel/tgt_listing.hpp"
#include "kernel/tgt_messages.hpp"

namespace san::tgt {

// Commas separate what the daemon reads, and nothing can quote one. Errors of all that take a
// value: misconfigured for one with a comma

Request show_targets();
Request make_target(std::int32_t number, const std::string& name);
/// By force: with its units, those made last first, until one is in use; then its sessions.
Request remove_target(std::int32_t number, bool by_force);
Request show_parameters(std::int32_t target);
/// A login parameter, or "state": "offline" or "ready".
Request set_parameter(std::int32_t target, const Parameter& parameter);

/// Whether an entry of the access list is the name of an initiator.
bool is_name(const std::string& entry);

/// An entry of the access list: ALL, an address or a network, else the name of an initiator. The
/// daemon takes any word for an address, so what looks like a name is one.
Request admit(std::int32_t target, const std::string& entry);
Request exclude(std::int32_t target, const std::string& entry);

/// With its keys, such as path, bstype, bsoflags, blocksize. Type: 0 a disk, 255 a device passed
/// through.
Request make_unit(std::int32_t target, std::uint64_t unit, const std::vector<Parameter>& keys,
                  std::uint32_t device_type = 0);
/// The daemon applies the keys before one that it refuses.
Request set_unit(std::int32_t target, std::uint64_t unit, const std::vector<Parameter>& keys);
Request remove_unit(std::int32_t target, std::uint64_t unit);

Request show_accounts();
Request make_account(const std::string& user, const Secret& password);
Request remove_account(const std::string& user);
/// To a target, or with every_target to discovery. Outgoing: as the target's own.
Request bind_account(std::int32_t target, const std::string& user, bool outgoing);
Request unbind_account(std::int32_t target, const std::string& user, bool outgoing);

Request show_portals();
Request make_portal(const std::string& portal);
Request remove_portal(const std::string& portal);

Request end_connection(std::int32_t target, const Connection& connection);

Request show_system();

}  // namespace san::tgt
