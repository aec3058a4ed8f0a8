// SPDX-License-Identifier: GPL-2.0-or-later
// The connections of a service address, kept where the next node finds them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/connections.hpp"
#include "kernel/system.hpp"
#include "storage/port_block.hpp"

namespace san::tickle_list {

/// A line for each: local address and port, a tab, remote address and port. As the shell agent
/// writes it for IPv4; IPv6 addresses are in brackets.
std::string to_text(const std::vector<Connection>& connections);

/// The connections of all lines that describe one; anybody may have written the file.
std::vector<Connection> parse(std::string_view text);

/// The file in the directory for a door's address: the shell agent's, which is the address.
std::filesystem::path file(const std::filesystem::path& directory, const Port_block& door);

/// Writes the list of the connections that there are: of one address all, since one resource stands
/// for all its ports; of a network those through the door.
/// Errors  failed
void save(const std::filesystem::path& file, const Port_block& door, System& node);

/// Tells the other side of each connection of the list to connect anew. What cannot be told is a
/// warning.
void tickle(const std::filesystem::path& file, const Port_block& door, System& node);

}  // namespace san::tickle_list
