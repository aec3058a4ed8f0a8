// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of a service address, each with its rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.hpp"

namespace san {

class Files;

/// The name of an interface, and the label that older configurations put behind it: "eth0:vip".
struct Nic_name {
    std::string name;
    std::string label{};
    /// Errors  misconfigured, with what was expected
    static Nic_name parse(std::string_view text);
};

/// A prefix length, "24", or the mask of it, "255.255.255.0".
struct Prefix_length {
    unsigned bits = 0;
    /// Errors  misconfigured, with what was expected
    static Prefix_length parse(std::string_view text);
};

/// An IPv4 broadcast address: "10.0.0.255", or "+" and "-" for the last and first of the network.
struct Broadcast {
    std::optional<Ip> given{};
    bool last = true;
    /// Errors  misconfigured, with what was expected
    static Broadcast parse(std::string_view text);
    Ip of(const Ip& ip, unsigned prefix) const;
    std::string to_text() const { return given ? given->to_text() : last ? "+" : "-"; }
};

/// Who made a route: a name that every node knows, as "kernel" or "static", a number, or a name
/// that only the tables of a node explain.
struct Route_protocol {
    unsigned number = 0;
    std::string name{};  ///< as long as its number is not known
    /// Errors  misconfigured, with what was expected
    static Route_protocol parse(std::string_view text);
    /// With the number that the name has in iproute2's tables.
    /// Errors  wrong_on_this_node when none of them has it, with the parameter's name
    Route_protocol known_to(const Files& files) const;
};

/// For how long an IPv6 address may be the source of new connections: seconds, or "forever".
struct Preferred_lifetime {
    std::optional<std::uint32_t> seconds{};
    /// Errors  misconfigured
    static Preferred_lifetime parse(std::string_view text);
};

}  // namespace san
