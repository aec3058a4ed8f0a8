// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses, links and routes, as rtnetlink(7) shows them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"
#include "base/ip.hpp"

namespace san {

/// An interface is its index; a name can be given to another one at any time.
struct Link_index {
    int value = 0;
    friend auto operator<=>(const Link_index&, const Link_index&) = default;
};

struct Address {
    Ip ip;
    unsigned prefix = 0;  ///< length in bits
    Link_index link;
    std::optional<Ip> broadcast{};  ///< IPv4 only
    std::string label{};            ///< IPv4 only; unless given, the link's name
    bool tentative = false;         ///< IPv6: duplicate detection still runs
    bool duplicate_found = false;   ///< IPv6: IFA_F_DADFAILED, the address cannot be used
    bool no_detection = false;      ///< IPv6: IFA_F_NODAD, taken without duplicate detection
    bool no_prefix_route = false;   ///< IFA_F_NOPREFIXROUTE, its network got no route
    /// IPv6: for how long it may be the source of new connections, in seconds; nothing: for ever.
    std::optional<std::uint32_t> preferred{};
    friend bool operator==(const Address&, const Address&) = default;
};

class Addresses {
public:
    virtual ~Addresses() = default;

    virtual std::vector<Address> list() = 0;
    /// Every place of one address. Costs little more than the kernel takes to go through all.
    virtual std::vector<Address> list(const Ip& ip) = 0;
    /// Change  none when the same address and prefix length are already on that link
    /// Errors  failed when the link is gone or the kernel refuses
    virtual Change add(const Address& address) = 0;
    /// Removes exactly this address, prefix length and link. Change: none when it is not there.
    virtual Change remove(const Address& address) = 0;
    /// Waits until an address has left or failed duplicate detection, or the deadline passed.
    /// Returns it as it is then; nothing when it is gone.
    virtual std::optional<Address> settled(const Address& address, const Deadline& deadline) = 0;

    /// Gives an IPv6 address a label for the choice of source addresses (RFC 6724 2.1), so that a
    /// destination with another label prefers other sources. Change: none when it has one already.
    virtual Change add_source_label(const Ip& ip, std::uint32_t label) = 0;
    /// Change  none when it has none
    virtual Change remove_source_label(const Ip& ip) = 0;
};

struct Link {
    Link_index index;
    std::string name;
    std::vector<std::string> other_names{};  ///< IFLA_PROP_LIST
    bool up = false;                         ///< IFF_UP, set by the administrator
    bool carrier = false;                    ///< not IF_OPER_DOWN or IF_OPER_LOWERLAYERDOWN
    bool loopback = false;
    bool has_neighbours = false;            ///< IFF_BROADCAST and not IFF_NOARP
    std::vector<std::uint8_t> hardware{};   ///< link layer address, 6 bytes on Ethernet
    std::vector<std::uint8_t> broadcast{};  ///< where the link layer reaches everybody
    unsigned hardware_type = 0;             ///< ARPHRD_*, of if_arp.h
};

class Links {
public:
    virtual ~Links() = default;
    virtual std::vector<Link> list() = 0;
    virtual std::optional<Link> find(Link_index link) = 0;
    virtual Change set_up(Link_index link) = 0;
    /// Waits until the link is up and has a carrier. Whether it has when the deadline has passed.
    virtual bool connected(Link_index link, const Deadline& deadline) = 0;
};

/// A unicast route of the main table, or one of the local table to more than a single address.
struct Route {
    Ip network;
    unsigned prefix = 0;  ///< 0 is a default route
    Link_index link;
    bool direct = false;  ///< no gateway: the network is on that link
    bool local_table = false;
    std::uint32_t metric = 0;    ///< lower wins
    unsigned protocol = 0;       ///< who made it: RTPROT_KERNEL and its like
    std::optional<Ip> source{};  ///< preferred source address
};

class Routes {
public:
    virtual ~Routes() = default;
    virtual std::vector<Route> list(Family family) = 0;
};

/// Tells the neighbours where an address is now.
class Announcer {
public:
    virtual ~Announcer() = default;
    /// When all announcements but the first are sent.
    enum class Rest { now, in_background };

    /// Gratuitous ARP (request and reply) or an unsolicited neighbour advertisement, once now and
    /// count - 1 times more, either before it returns or by a child in the background. They end
    /// early when the address is gone from the link, and never outlive count * interval; those that
    /// the caller waits for end at the deadline. Nothing where there are no neighbours.
    /// Errors  failed when the first could not be sent
    virtual void announce(const Link& link, const Ip& ip, int count,
                          std::chrono::milliseconds interval, Rest rest,
                          const Deadline& deadline) = 0;
    /// Whether a neighbour answers for an IPv4 address: two ARP probes (RFC 5227 2.1.1), a second
    /// for each. False where there are no neighbours, or time is up before.
    /// Errors  failed when none could be sent
    virtual bool is_taken(const Link& link, const Ip& ip, const Deadline& deadline) = 0;
};

// The kernel's own, each with a netlink or packet socket opened at first use.
std::unique_ptr<Addresses> make_addresses();
std::unique_ptr<Links> make_links();
std::unique_ptr<Routes> make_routes();
std::unique_ptr<Announcer> make_announcer();

}  // namespace san
