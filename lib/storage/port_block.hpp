// SPDX-License-Identifier: GPL-2.0-or-later
// Ports of a service that are closed while it moves: the values of the portblock agent's
// parameters, and what they mean to the firewall.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.hpp"
#include "kernel/firewall.hpp"
#include "kernel/system.hpp"

namespace san {

/// Ports and ranges, sorted, merged where they touch: "3260", "80,443", "1000:2000".
struct Port_list {
    std::vector<Port_range> ranges;

    /// Errors  misconfigured
    static Port_list parse(std::string_view text);
    /// Ranges with "-".
    std::string to_text(std::string_view between = ",") const;
    bool contains(std::uint16_t port) const;
};

struct Transport_name {
    Transport transport = Transport::tcp;
    static Transport_name parse(std::string_view text);
};

/// Which packets are stopped: those to the service, those from it, or both.
struct Direction {
    bool in = true;
    bool out = false;
    static Direction parse(std::string_view text);
    const char* to_text() const { return in && out ? "both" : in ? "in" : "out"; }
};

/// What becomes of a packet that is stopped.
struct Block_method {
    Block::Answer answer = Block::Answer::none;
    static Block_method parse(std::string_view text);
};

/// One closed door. Resources that name the same door share it.
struct Port_block {
    Transport transport = Transport::tcp;
    Port_list ports{};
    Ip_network network{};
    Direction direction{};
    Block::Answer answer = Block::Answer::none;

    /// The door by name, the same for every spelling of it; fit for a file and a chain.
    std::string key() const;
    std::vector<Block> blocks() const;
    /// Closes the way out while connections are ended, so that their other side hears nothing.
    Block mute() const;
};

namespace port_block {

/// Whether every block of the door is in force.
bool is_closed(const Port_block& door, System& node);

/// Errors  failed with nothing changed
Change close(const Port_block& door, System& node);
Change open(const Port_block& door, System& node);

/// Ends this node's connections through the door, while nothing gets out: clients do not notice,
/// and reach the node that has the address next. What cannot be ended is a warning.
void end_connections(const Port_block& door, System& node);

/// Removes what the shell agent has put in force for the same door, by nftables or iptables. The
/// ports in the administrator's words, since iptables compares them as text. Change: none when
/// there was nothing.
Change remove_shell_rules(const Port_block& door, const std::string& ports, System& node,
                          const Deadline& deadline);

}  // namespace port_block

}  // namespace san
