// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/portal_sockets.hpp"

#include <algorithm>
#include <set>

#include "base/log.hpp"
#include "kernel/socket_owner.hpp"
#include "storage/lio.hpp"

namespace san::portal_sockets {

namespace {

// ISCSIT_TCP_BACKLOG of iscsi_target_core.h, 6.1.
constexpr unsigned lio_backlog = 256;

/// Nobody but LIO is likely to have both, and to keep them out of every process.
bool looks_like_lio(const Listener& listener) {
    return listener.binds_freely && listener.backlog == lio_backlog;
}

std::vector<Listener> all_listeners(Connections& connections) {
    std::vector<Listener> found;
    for (const auto family : {Family::ipv4, Family::ipv6})
        for (const auto& one : connections.find_listeners(family).value_or(std::vector<Listener>{}))
            found.push_back(one);
    return found;
}

/// Those on a port of the portals. Which address is in the way of which is the kernel's matter.
std::vector<Listener> listeners_on(const std::vector<Portal>& portals, Connections& connections) {
    auto found = all_listeners(connections);
    std::erase_if(found, [&](const Listener& one) {
        return std::none_of(portals.begin(), portals.end(),
                            [&](const Portal& portal) { return portal.port() == one.port; });
    });
    return found;
}

std::set<std::string> names_of_all_portals(const Configfs& configfs) {
    std::set<std::string> names;
    for (const auto& iqn : configfs.find_entries(lio::fabric).value_or(std::vector<std::string>{}))
        for (const auto& group : lio::portal_groups(configfs, lio::fabric / iqn))
            names.insert(group.portals.begin(), group.portals.end());
    return names;
}

}  // namespace

std::vector<std::string> faults(const std::vector<Portal>& portals, Connections& connections) {
    std::vector<std::string> found;
    for (const auto family : {Family::ipv4, Family::ipv6}) {
        const auto is_of = [&](const Portal& portal) { return portal.ip().family() == family; };
        if (std::none_of(portals.begin(), portals.end(), is_of)) continue;
        const auto listeners = connections.find_listeners(family);
        if (!listeners) continue;
        for (const auto& portal : portals)
            if (is_of(portal) &&
                std::none_of(listeners->begin(), listeners->end(), [&](const Listener& one) {
                    return Portal::at(one.ip, one.port) == portal;
                }))
                found.push_back("nobody listens at portal " + portal.to_text());
    }
    return found;
}

Change end_lost(const std::vector<Portal>& portals, const Configfs& configfs,
                Connections& connections, const Files& files, Bounded& bounded,
                const Deadline& deadline) {
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("the portals of all targets to be read");
        // In this order: of a portal that is being made or removed meanwhile, listing the directory
        // waits for the end of that (configfs_dir_open), so that its listener has its entry, or is
        // gone, and cannot be ended by its cookie.
        const auto listeners = listeners_on(portals, connections);
        const auto names = names_of_all_portals(configfs);
        auto ended = Change::none;
        for (const auto& one : listeners) {
            const auto name = Portal::at(one.ip, one.port).to_text();
            if (names.contains(name) || !looks_like_lio(one) || socket_owner(one.inode, files))
                continue;
            ended |= connections.end(one);
            log::warning("portal ", name,
                         ": the listener ended that a killed start had left in the kernel");
        }
        return ended;
    });
}

unsigned end_connections(const Iscsi_name& target, const Configfs& configfs,
                         Connections& connections) {
    unsigned ended = 0;
    for (const auto& portal : lio::portals(configfs, lio::group_directory(target))) {
        const auto end = [&](const Ip& ip, unsigned prefix) {
            ended += connections.end(Ip_network{ip, prefix}, portal.port(), portal.port());
        };
        if (!portal.ip().is_unspecified()) {
            end(portal.ip(), portal.ip().bits());
            continue;
        }
        end(portal.ip(), 0);
        // Its socket takes IPv4 as well.
        if (portal.ip().family() == Family::ipv6) end(Ip::parse("0.0.0.0"), 0);
    }
    return ended;
}

Change end_stranded(const Iscsi_name& target, const Configfs& configfs, Connections& connections,
                    Addresses& addresses, Bounded& bounded, const Deadline& deadline) {
    const auto group = lio::group_directory(target);
    if (!configfs.has(group)) return Change::none;
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("the portals of target " + target.to_text() + " to be read");
        std::set<std::uint16_t> ports;
        for (const auto& portal : lio::portals(configfs, group)) ports.insert(portal.port());
        std::set<Portal> stranded;
        for (const auto* everywhere : {"0.0.0.0/0", "::/0"})
            for (const auto& one : connections.established(Ip_network::parse(everywhere)))
                if (ports.contains(one.local_port) && !one.local.is_loopback() &&
                    addresses.list(one.local).empty())
                    stranded.insert(Portal::at(one.local, one.local_port));
        auto change = Change::none;
        for (const auto& portal : stranded) {
            const auto ended =
                connections.end({portal.ip(), portal.ip().bits()}, portal.port(), portal.port());
            log::info(ended, " connections to ", portal.to_text(),
                      " ended, whose address has left this node");
            if (ended > 0) change = Change::made;
        }
        return change;
    });
}

std::optional<std::string> program(const std::vector<Portal>& portals, Connections& connections,
                                   const Files& files) {
    for (const auto& one : listeners_on(portals, connections))
        if (auto owner = socket_owner(one.inode, files)) return owner;
    return {};
}

}  // namespace san::portal_sockets
