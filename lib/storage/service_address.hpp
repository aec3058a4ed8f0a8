// SPDX-License-Identifier: GPL-2.0-or-later
// The address under which initiators find the storage, wherever it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "base/ip.hpp"
#include "kernel/addresses.hpp"
#include "storage/address_values.hpp"

namespace san {

struct System;

struct Service_address {
    Ip ip;
    std::optional<Nic_name> nic{};
    std::optional<Prefix_length> prefix{};
    std::optional<Broadcast> broadcast{};
    std::string label{};  ///< IPv4: without the interface's name and colon
    std::optional<Route_protocol> route_protocol{};  ///< place it by such routes only
    bool no_detection = false;                       ///< IPv6: no duplicate detection
    bool no_prefix_route = false;
    Preferred_lifetime preferred{};               ///< IPv6
    std::optional<std::uint32_t> source_label{};  ///< IPv6
    bool ask_neighbours = false;                  ///< IPv4: ask whether one has it
    bool needs_carrier = true;
};

namespace service_address {

/// Where an address goes: on the interface it names, else on the one with the most specific direct
/// route to it, from which the prefix length comes as well, unless it is given. Without a route it
/// stays in the place where it is, if it is in one.
///
/// Errors  misconfigured  values that contradict each other, with the parameter's name
///         wrong_on_this_node  no such interface, or no direct route, with the parameter's name
Address place(const Service_address& wanted, const std::vector<Link>& links,
              const std::vector<Route>& routes, const std::vector<Address>& places = {});
/// The same on this node.
Address place(const Service_address& wanted, System& node);

/// Puts the address there, and nowhere else on this node, and waits until it can be used.
///
/// Errors  as place(); failed when the link has no carrier or another node has the address
Change start(const Service_address& wanted, System& node, const Deadline& deadline);

/// How an address is announced.
struct Announcement {
    int count;
    std::chrono::milliseconds interval;
    Announcer::Rest rest = Announcer::Rest::in_background;
};

/// Announces it to the neighbours; where that fails, logs a warning, for they find out themselves.
void announce(const Ip& ip, System& node, const Announcement& how, const Deadline& deadline);

/// Waits until the address's interface is up and has a carrier. Whether it has at the deadline.
bool await_link(const Ip& ip, System& node, const Deadline& deadline);

/// Removes the address from whichever interfaces have it, with whatever prefix length, and its
/// label for the choice of sources.
///
/// Errors  failed when it is still there
Change stop(const Ip& ip, System& node);

/// Whether a loopback interface, and no other, has the address as one of a single host, as the
/// servers of an LVS-DR cluster have the one they share.
bool is_on_loopback(const Ip& ip, System& node);
/// Puts it there.
Change add_to_loopback(const Ip& ip, System& node);

/// Whether this node has the interface.
bool has_link(const Nic_name& nic, const std::vector<Link>& links);

/// What is wrong with an address that is in these places, on these links; empty when initiators
/// can use it. Asks no route, so that a network that went away does not hide where the address is.
std::vector<std::string> faults(const Service_address& wanted, const std::vector<Address>& places,
                                const std::vector<Link>& links);

/// The same on this node; nothing when no interface has the address.
std::optional<std::vector<std::string>> find_faults(const Service_address& wanted, System& node);

}  // namespace service_address

}  // namespace san
