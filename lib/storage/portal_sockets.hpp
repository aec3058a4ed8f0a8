// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets behind a target's portals: a portal is a directory of the kernel, and a listener that
// comes and goes with it. Nearly always.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bounded.hpp"
#include "kernel/addresses.hpp"
#include "kernel/configfs.hpp"
#include "kernel/connections.hpp"
#include "kernel/files.hpp"
#include "storage/names.hpp"

namespace san::portal_sockets {

/// Those of the portals at which nobody listens, in words. None when the kernel cannot tell.
std::vector<std::string> faults(const std::vector<Portal>& portals, Connections& connections);

/// Ends listeners that LIO has lost, on the ports of these portals. They would be in the way for
/// ever, and no start on this node could have the port.
///
/// Source  iscsit_add_np, iscsi_target_login.c, 6.1: a process that is killed while it makes a
///         portal, and waits for the thread to start, leaves the socket behind
Change end_lost(const std::vector<Portal>& portals, const Configfs& configfs,
                Connections& connections, const Files& files, Bounded& bounded,
                const Deadline& deadline);

/// Ends the connections at the portals of a target, of which initiators learn by a reset, if
/// anything reaches them. Returns how many there were.
unsigned end_connections(const Iscsi_name& target, const Configfs& configfs,
                         Connections& connections);
/// Ends connections to portals of a target whose own address has left this node. Nothing can come
/// through them any more, and a command whose data was on its way keeps its unit until LIO gives
/// the initiator up: 45 s with its defaults (nopin_timeout, nopin_response_timeout, 6.1).
Change end_stranded(const Iscsi_name& target, const Configfs& configfs, Connections& connections,
                    Addresses& addresses, Bounded& bounded, const Deadline& deadline);

/// The program that listens on the port of one of these portals: "tgtd, process 123".
std::optional<std::string> program(const std::vector<Portal>& portals, Connections& connections,
                                   const Files& files);

}  // namespace san::portal_sockets
