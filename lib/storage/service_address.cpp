// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/service_address.hpp"

#include <algorithm>
#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/system.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;

// An interface that was down needs this long at most: the autonegotiation of gigabit Ethernet takes
// up to 5 seconds.
constexpr auto patience_for_carrier = 10s;

// What a start keeps of its time to take an address back that cannot be used.
constexpr auto time_to_undo = 1s;

bool has_name(const Link& link, const std::string& name) {
    const auto& others = link.other_names;
    return link.name == name || std::find(others.begin(), others.end(), name) != others.end();
}

const Link* find(const std::vector<Link>& links, Link_index index) {
    for (const auto& link : links)
        if (link.index == index) return &link;
    return nullptr;
}

const Link* find(const std::vector<Link>& links, const std::string& name) {
    for (const auto& link : links)
        if (has_name(link, name)) return &link;
    return nullptr;
}

std::string names(const std::vector<Link>& links) {
    std::vector<std::string> all;
    for (const auto& link : links) all.push_back(link.name);
    return text::joined(all, ", ");
}

std::string with_prefix(const Address& address) {
    return address.ip.to_text() + "/" + std::to_string(address.prefix);
}

/// The most specific direct route; among equals the one with the lowest metric.
const Route* best_route(const Service_address& wanted, const Link* link,
                        const std::vector<Link>& links, const std::vector<Route>& routes) {
    const Route* best = nullptr;
    for (const auto& route : routes) {
        if (!route.direct || route.prefix == 0 || !wanted.ip.in(route.network, route.prefix))
            continue;
        if (wanted.route_protocol && route.protocol != wanted.route_protocol->number) continue;
        if (link && route.link != link->index) continue;
        // Where the address is now: the kernel's route to it alone.
        const bool by_kernel = route.local_table || route.protocol == RTPROT_KERNEL;
        if (by_kernel && route.prefix == wanted.ip.bits()) continue;
        // Of the local table only loopback's networks count.
        const auto* over = find(links, route.link);
        if (route.local_table && !(over && over->loopback)) continue;
        if (!best || route.prefix > best->prefix ||
            (route.prefix == best->prefix && route.metric < best->metric))
            best = &route;
    }
    return best;
}

/// Where the address is now, unless that is where no neighbour reaches it.
const Address* current(const Service_address& wanted, const Link* link,
                       const std::vector<Link>& links, const std::vector<Address>& places) {
    for (const auto& place : places) {
        const auto* over = find(links, place.link);
        if (!over || (link && over != link)) continue;
        if (!over->loopback || wanted.ip.is_loopback()) return &place;
    }
    return nullptr;
}

Error no_route(const Service_address& wanted, const Link* link, const std::vector<Link>& links,
               const std::vector<Route>& routes) {
    std::vector<std::string> networks;
    for (const auto& route : routes)
        if (const auto* over = find(links, route.link);
            over && route.direct && !route.local_table && route.prefix > 0)
            networks.push_back(route.network.to_text() + "/" + std::to_string(route.prefix) +
                               " on " + over->name);
    const auto known = networks.empty() ? "none" : text::joined(networks, ", ");
    if (link)
        return Error{Kind::wrong_on_this_node,
                     "cidr_netmask=\"\": expected a prefix length, as no network of " + link->name +
                         " has " + wanted.ip.to_text() + "; this node's: " + known};
    return Error{Kind::wrong_on_this_node,
                 "ip=" + text::quoted(wanted.ip.to_text()) +
                     ": expected an address of a directly connected network (" + known +
                     "), or nic and cidr_netmask"};
}

unsigned checked_prefix(const Service_address& wanted, unsigned fallback) {
    if (!wanted.prefix) return fallback;
    if (wanted.prefix->bits > wanted.ip.bits())
        throw Error{Kind::misconfigured,
                    "cidr_netmask=" + text::quoted(std::to_string(wanted.prefix->bits)) +
                        ": expected 0 to " + std::to_string(wanted.ip.bits()) + " for " +
                        wanted.ip.to_text()};
    return wanted.prefix->bits;
}

std::string full_label(const Service_address& wanted, const Link& link) {
    const auto& label = wanted.label.empty() && wanted.nic ? wanted.nic->label : wanted.label;
    if (label.empty()) return {};
    if (wanted.ip.family() == Family::ipv6)
        throw Error{Kind::misconfigured,
                    "iflabel=" + text::quoted(label) + ": expected none, as IPv6 has no labels"};
    const auto full = link.name + ":" + label;
    if (full.size() >= IFNAMSIZ)
        throw Error{Kind::misconfigured, "iflabel=" + text::quoted(label) + ": expected at most " +
                                             std::to_string(IFNAMSIZ - 1) +
                                             " characters together with \"" + link.name + ":\""};
    return full;
}

std::optional<Ip> broadcast(const Service_address& wanted, unsigned prefix) {
    if (wanted.ip.family() == Family::ipv6) {
        if (wanted.broadcast)
            throw Error{Kind::misconfigured,
                        "broadcast=" + text::quoted(wanted.broadcast->to_text()) +
                            ": expected none for " + wanted.ip.to_text() +
                            ", as IPv6 has no broadcast"};
        return {};
    }
    if (wanted.broadcast) return wanted.broadcast->of(wanted.ip, prefix);
    // RFC 3021: a network of two addresses has no broadcast. Nor has the one inside of a host.
    if (prefix > 30 || wanted.ip.is_loopback()) return {};
    return Broadcast{}.of(wanted.ip, prefix);
}

bool same_place(const Address& a, const Address& b) {
    return a.ip == b.ip && a.prefix == b.prefix && a.link == b.link;
}

bool has_other_label(const Address& found, const Address& wanted) {
    return !wanted.label.empty() && found.label != wanted.label;
}

/// The kernel drops all addresses of a network with its first one, unless
/// net.ipv4.conf.IF.promote_secondaries is 1 (net/ipv4/devinet.c, __inet_del_ifa). They are others'
/// service addresses, so they are put back.
Change remove_alone(const Address& address, Addresses& addresses) {
    const auto before = addresses.list();
    const auto change = addresses.remove(address);
    if (change == Change::none || address.ip.family() == Family::ipv6) return change;
    const auto after = addresses.list();
    for (const auto& other : before) {
        if (other.link != address.link || other.ip.family() == Family::ipv6 ||
            same_place(other, address))
            continue;
        if (std::any_of(after.begin(), after.end(),
                        [&](const Address& still) { return same_place(still, other); }))
            continue;
        addresses.add(other);
        log::warning("removing ", with_prefix(address), " took ", with_prefix(other),
                     " away, which is back: set net.ipv4.conf.all.promote_secondaries to 1");
    }
    return change;
}

// The choice of sources is a convenience: the address works without its label.

void label_source(const Service_address& wanted, Addresses& addresses) {
    try {
        addresses.add_source_label(wanted.ip, *wanted.source_label);
    } catch (const Error& problem) {
        log::warning(problem.what());
    }
}

void unlabel_source(const Ip& ip, Addresses& addresses) {
    try {
        addresses.remove_source_label(ip);
    } catch (const Error& problem) {
        log::warning(problem.what());
    }
}

void connect(const Link& link, bool needs_carrier, System& node, const Deadline& deadline) {
    const bool was_down = node.links.set_up(link.index) == Change::made;
    if (was_down) log::info("interface ", link.name, " was down");
    const auto wait = was_down ? deadline.within(patience_for_carrier) : Deadline::in(0s);
    if (needs_carrier && !node.links.connected(link.index, wait))
        throw Error{Kind::failed, "interface " + link.name + " has no carrier"};
}

Link must_find(Link_index index, System& node) {
    if (auto link = node.links.find(index)) return std::move(*link);
    throw Error{Kind::failed, "an interface has gone while its address was being started"};
}

void wait_until_usable(const Address& address, System& node, const Deadline& deadline) {
    // IPv4 is at once.
    if (address.ip.family() == Family::ipv4) return;
    const auto now = node.addresses.settled(address, deadline);
    if (!now)
        throw Error{Kind::failed, with_prefix(address) + " was removed while it was being started"};
    if (now->duplicate_found)
        throw Error{Kind::failed, address.ip.to_text() +
                                      " is used by another node of the network: duplicate address "
                                      "detection found it"};
    if (now->tentative)
        throw Error{Kind::failed,
                    "duplicate address detection of " + address.ip.to_text() + " did not end"};
}

}  // namespace

namespace service_address {

Address place(const Service_address& wanted, const std::vector<Link>& links,
              const std::vector<Route>& routes, const std::vector<Address>& places) {
    const Link* link = nullptr;
    if (wanted.nic) {
        link = find(links, wanted.nic->name);
        if (!link)
            throw Error{Kind::wrong_on_this_node, "nic=" + text::quoted(wanted.nic->name) +
                                                      ": expected an interface of this node (" +
                                                      names(links) + ")"};
    } else if (wanted.ip.family() == Family::ipv6 && wanted.ip.is_link_local()) {
        throw Error{Kind::misconfigured, "nic=\"\": expected the interface of link-local address " +
                                             wanted.ip.to_text()};
    }
    const auto* route = best_route(wanted, link, links, routes);
    const auto* now = route ? nullptr : current(wanted, link, links, places);
    if (!route && !now && !(link && wanted.prefix)) throw no_route(wanted, link, links, routes);
    if (!link) link = find(links, route ? route->link : now->link);
    if (!link) throw no_route(wanted, nullptr, links, routes);
    const auto prefix = checked_prefix(wanted, route ? route->prefix : now ? now->prefix : 0);
    return {.ip = wanted.ip,
            .prefix = prefix,
            .link = link->index,
            .broadcast = broadcast(wanted, prefix),
            .label = full_label(wanted, *link),
            .no_detection = wanted.ip.family() == Family::ipv6 && wanted.no_detection,
            .no_prefix_route = wanted.no_prefix_route,
            .preferred = wanted.ip.family() == Family::ipv6 ? wanted.preferred.seconds
                                                            : std::optional<std::uint32_t>{}};
}

Address place(const Service_address& wanted, System& node) {
    auto with_number = wanted;
    if (wanted.route_protocol)
        with_number.route_protocol = wanted.route_protocol->known_to(node.files);
    const auto links = node.links.list();
    // Routes are many where addresses are many, and say nothing that is not known then.
    if (wanted.nic && wanted.prefix) return place(with_number, links, {}, {});
    return place(with_number, links, node.routes.list(wanted.ip.family()),
                 node.addresses.list(wanted.ip));
}

Change start(const Service_address& wanted, System& node, const Deadline& deadline) {
    const auto address = place(wanted, node);
    const auto link = must_find(address.link, node);
    connect(link, wanted.needs_carrier, node, deadline);
    // A place that differs is what a former configuration, or a half-done change of it, left.
    auto change = Change::none;
    const auto places = node.addresses.list(wanted.ip);
    for (const auto& other : places)
        if (!same_place(other, address) || has_other_label(other, address))
            change |= remove_alone(other, node.addresses);
    if (wanted.ask_neighbours && places.empty() &&
        node.announcer.is_taken(link, wanted.ip, deadline.before(time_to_undo)))
        throw Error{Kind::failed, address.ip.to_text() +
                                      " is used by another node of the network: it answers ARP"};
    Rollback rollback;
    rollback.guard([&] {
        if (wanted.source_label && wanted.ip.family() == Family::ipv6) {
            label_source(wanted, node.addresses);
            rollback.on_failure([&] { unlabel_source(wanted.ip, node.addresses); });
        }
        if (node.addresses.add(address) == Change::made) {
            change = Change::made;
            rollback.on_failure([&] { node.addresses.remove(address); });
        }
        wait_until_usable(address, node, deadline.before(time_to_undo));
    });
    return change;
}

bool await_link(const Ip& ip, System& node, const Deadline& deadline) {
    const auto places = node.addresses.list(ip);
    return !places.empty() && node.links.connected(places.front().link, deadline);
}

void announce(const Ip& ip, System& node, const Announcement& how, const Deadline& deadline) {
    for (const auto& address : node.addresses.list(ip)) {
        try {
            if (const auto link = node.links.find(address.link))
                node.announcer.announce(*link, address.ip, how.count, how.interval, how.rest,
                                        deadline);
        } catch (const Error& problem) {
            log::warning(problem.what());
        }
    }
}

Change stop(const Ip& ip, System& node) {
    auto change = Change::none;
    const auto places = node.addresses.list(ip);
    for (const auto& address : places) change |= remove_alone(address, node.addresses);
    if (ip.family() == Family::ipv6) unlabel_source(ip, node.addresses);
    if (!places.empty() && !node.addresses.list(ip).empty())
        throw Error{Kind::failed, ip.to_text() + " is still there after it was removed"};
    return change;
}

namespace {

std::optional<Address> loopback_place(const Ip& ip, const std::vector<Link>& links) {
    for (const auto& link : links)
        if (link.loopback) return Address{.ip = ip, .prefix = ip.bits(), .link = link.index};
    return {};
}

}  // namespace

bool is_on_loopback(const Ip& ip, System& node) {
    const auto place = loopback_place(ip, node.links.list());
    const auto found = node.addresses.list(ip);
    return place && found.size() == 1 && same_place(found.front(), *place);
}

Change add_to_loopback(const Ip& ip, System& node) {
    const auto place = loopback_place(ip, node.links.list());
    return place ? node.addresses.add(*place) : Change::none;
}

bool has_link(const Nic_name& nic, const std::vector<Link>& links) {
    return find(links, nic.name) != nullptr;
}

std::vector<std::string> faults(const Service_address& wanted, const std::vector<Address>& places,
                                const std::vector<Link>& links) {
    std::vector<std::string> found;
    if (places.size() > 1) found.push_back("it is on this node more than once");
    for (const auto& address : places) {
        const auto* link = find(links, address.link);
        const auto name = link ? link->name : std::to_string(address.link.value);
        if (wanted.nic && !(link && has_name(*link, wanted.nic->name)))
            found.push_back("it is on " + name + " instead of " + wanted.nic->name);
        if (!wanted.nic && link && link->loopback && !wanted.ip.is_loopback())
            found.push_back("it is on " + name + ", which no neighbour reaches");
        if (wanted.prefix && wanted.prefix->bits != address.prefix)
            found.push_back("its prefix length is " + std::to_string(address.prefix) +
                            " instead of " + std::to_string(wanted.prefix->bits));
        if (const auto label = link ? full_label(wanted, *link) : std::string{};
            !label.empty() && label != address.label)
            found.push_back("its label is " + address.label + " instead of " + label);
        if (address.duplicate_found)
            found.push_back("another node of the network has the same address");
        if (!wanted.needs_carrier && link) continue;
        if (!link || !link->up)
            found.push_back("interface " + name + " is down");
        else if (!link->carrier)
            found.push_back("interface " + name + " has no carrier");
    }
    return found;
}

std::optional<std::vector<std::string>> find_faults(const Service_address& wanted, System& node) {
    const auto places = node.addresses.list(wanted.ip);
    if (places.empty()) return {};
    std::vector<Link> links;
    for (const auto& address : places)
        if (auto link = node.links.find(address.link)) links.push_back(std::move(*link));
    return faults(wanted, places, links);
}

}  // namespace service_address

}  // namespace san
