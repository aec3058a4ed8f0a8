// SPDX-License-Identifier: GPL-2.0-or-later
// Interfaces, addresses and routes with memory.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "kernel/addresses.hpp"
#include "kernel/networks.hpp"

namespace san::test {

class Fake_links final : public Links {
public:
    std::vector<Link> all;

    std::vector<Link> list() override { return all; }
    std::optional<Link> find(Link_index index) override {
        for (const auto& link : all)
            if (link.index == index) return link;
        return {};
    }
    Change set_up(Link_index index) override {
        for (auto& link : all)
            if (link.index == index)
                return std::exchange(link.up, true) ? Change::none : Change::made;
        throw system_error("setting the interface up", ENODEV);
    }
    /// What happens while somebody waits for a link.
    std::function<void()> meanwhile = [] {};

    bool connected(Link_index index, const Deadline&) override {
        meanwhile();
        return std::any_of(all.begin(), all.end(), [&](const Link& link) {
            return link.index == index && link.up && link.carrier;
        });
    }
};

class Fake_addresses final : public Addresses {
public:
    explicit Fake_addresses(const Fake_links& links) : links_{links} {}

    std::vector<Address> all;
    /// What duplicate detection will say of new IPv6 addresses.
    bool duplicates_exist = false;
    /// net.ipv4.conf.all.promote_secondaries; 0 is the kernel's own default.
    bool promote_secondaries = false;

    std::vector<Address> list() override { return all; }
    std::vector<Address> list(const Ip& ip) override {
        std::vector<Address> places;
        for (const auto& address : all)
            if (address.ip == ip) places.push_back(address);
        return places;
    }
    Change add(const Address& address) override {
        if (find(address) != all.end()) return Change::none;
        const auto link = std::find_if(links_.all.begin(), links_.all.end(),
                                       [&](const Link& one) { return one.index == address.link; });
        if (link == links_.all.end())
            throw system_error("adding address " + address.ip.to_text(), ENODEV);
        // IPv6 compares addresses only, IPv4 prefix lengths as well.
        if (address.ip.family() == Family::ipv6 &&
            std::any_of(all.begin(), all.end(), [&](const Address& other) {
                return other.ip == address.ip && other.link == address.link;
            }))
            throw system_error("adding address " + address.ip.to_text(), EEXIST);
        all.push_back(address);
        all.back().tentative =
            address.ip.family() == Family::ipv6 && !address.no_detection && !link->loopback;
        if (address.ip.family() == Family::ipv4 && address.label.empty())
            all.back().label = link->name;
        return Change::made;
    }
    Change remove(const Address& address) override {
        const auto found = find(address);
        if (found == all.end()) return Change::none;
        const bool first = is_first_of_network(found);
        all.erase(found);
        if (first && !promote_secondaries)
            std::erase_if(all, [&](const Address& other) { return same_network(other, address); });
        return Change::made;
    }
    std::optional<Address> settled(const Address& address, const Deadline&) override {
        const auto found = find(address);
        if (found == all.end()) return {};
        found->duplicate_found = found->tentative && duplicates_exist;
        found->tentative = found->duplicate_found;
        return *found;
    }
    std::map<Ip, std::uint32_t> source_labels;
    Change add_source_label(const Ip& ip, std::uint32_t label) override {
        return source_labels.emplace(ip, label).second ? Change::made : Change::none;
    }
    Change remove_source_label(const Ip& ip) override {
        return source_labels.erase(ip) > 0 ? Change::made : Change::none;
    }

private:
    static bool same_network(const Address& a, const Address& b) {
        return a.ip.family() == Family::ipv4 && b.ip.family() == Family::ipv4 && a.link == b.link &&
               a.prefix == b.prefix && a.ip.in(b.ip, b.prefix);
    }
    bool is_first_of_network(std::vector<Address>::iterator address) {
        return std::none_of(all.begin(), address,
                            [&](const Address& other) { return same_network(other, *address); });
    }
    std::vector<Address>::iterator find(const Address& address) {
        return std::find_if(all.begin(), all.end(), [&](const Address& other) {
            return other.ip == address.ip && other.prefix == address.prefix &&
                   other.link == address.link;
        });
    }
    const Fake_links& links_;
};

class Fake_routes final : public Routes {
public:
    std::vector<Route> all;
    std::vector<Route> list(Family family) override {
        std::vector<Route> routes;
        for (const auto& route : all)
            if (route.network.family() == family) routes.push_back(route);
        return routes;
    }
};

class Fake_announcer final : public Announcer {
public:
    std::vector<std::string> announced;
    /// Addresses that a neighbour has.
    std::vector<Ip> taken;

    void announce(const Link& link, const Ip& ip, int count, std::chrono::milliseconds interval,
                  Rest rest, const Deadline&) override {
        announced.push_back(ip.to_text() + " on " + link.name + ", " + std::to_string(count) +
                            " in " + std::to_string(interval.count()) + " ms" +
                            (rest == Rest::now ? ", awaited" : ""));
    }
    bool is_taken(const Link& link, const Ip& ip, const Deadline&) override {
        return link.has_neighbours && ip.family() == Family::ipv4 &&
               std::find(taken.begin(), taken.end(), ip) != taken.end();
    }
};

class Fake_networks final : public Networks {
public:
    std::vector<std::string> all;
    std::string entered;
    bool enter(const std::string& name) override {
        if (std::find(all.begin(), all.end(), name) == all.end()) return false;
        entered = name;
        return true;
    }
};

/// A node with lo and eth0, which has 10.0.0.1/24 and a default route.
struct Fake_network {
    Fake_links links;
    Fake_addresses addresses{links};
    Fake_routes routes;
    Fake_announcer announcer;
    Fake_networks networks;

    Fake_network() {
        links.all = {{.index = {1}, .name = "lo", .up = true, .carrier = true, .loopback = true},
                     {.index = {2},
                      .name = "eth0",
                      .up = true,
                      .carrier = true,
                      .has_neighbours = true,
                      .hardware = {2, 0, 0, 0, 0, 1},
                      .broadcast = {255, 255, 255, 255, 255, 255},
                      .hardware_type = 1}};
        const auto own = Ip::parse("10.0.0.1");
        addresses.all = {{.ip = own, .prefix = 24, .link = {2}}};
        routes.all = {{.network = own.masked(24), .prefix = 24, .link = {2}, .direct = true},
                      {.network = Ip::parse("0.0.0.0"), .prefix = 0, .link = {2}}};
    }
};

}  // namespace san::test
