// SPDX-License-Identifier: GPL-2.0-or-later
// What a resource is for, by its agent: the same agents have several providers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stack/facts.hpp"

namespace san::stack {

using Resources = std::vector<const Resource*>;

Resources select(const Configuration& configuration,
                 const std::function<bool(const Resource&)>& wanted);

bool is_drbd(const Resource& resource);          ///< drbd, of linbit or ours
bool is_target(const Resource& resource);        ///< iSCSITarget, SCSTTarget
bool is_unit(const Resource& resource);          ///< iSCSILogicalUnit, SCSTLun
bool is_address(const Resource& resource);       ///< IPaddr2, IPaddr, IPv6addr
bool is_volume_group(const Resource& resource);  ///< LVM, LVM-activate
bool is_file_system(const Resource& resource);
bool is_port_block(const Resource& resource);
/// One of those above, or of what stands on them: a failure of it interrupts storage.
bool is_storage(const Resource& resource);

/// A meta attribute; empty when it is not set.
std::string meta_of(const Resource& resource, const std::string& name);
std::string meta_of(const Clone& clone, const std::string& name);

std::string iqn_of(const Resource& target_or_unit);
std::string group_name_of(const Resource& volume_group);
/// The device or file that a unit, a file system, lies on; empty for others.
std::string path_of(const Resource& resource);
std::string lun_of(const Resource& unit);
/// "10.0.0.1", the parameter of an address.
std::string ip_of(const Resource& address);
/// The addresses of a target's portals, without ports; empty when it listens everywhere.
std::vector<std::string> portals_of(const Resource& target);
/// The target of a unit, if the cluster has it.
const Resource* target_of(const Resource& unit, const Configuration& configuration);

/// The DRBD resources of the cluster on which a resource lies, by its path: one when the path says
/// which, else all that it can be; none when it lies on something else, or cannot be told.
Resources replicas_under(const Resource& resource, const Facts& facts);

/// The value of a word in "name=value name=value"; names without case.
std::string word_of(const std::string& words, const std::string& name);

/// A word of a command that is to be typed into a shell: in apostrophes where it has to be.
std::string shell_word(const std::string& word);

}  // namespace san::stack
