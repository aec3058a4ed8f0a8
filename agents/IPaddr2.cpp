// SPDX-License-Identifier: GPL-2.0-or-later
// IPaddr2: one IPv4 or IPv6 address that moves with the service.
//
// "running" means that the address is on this node, where it was asked for, on an interface with a
// carrier, and that no duplicate was found.

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/networks.hpp"
#include "ocf/agent.hpp"
#include "ocf/pseudo_state.hpp"
#include "storage/service_address.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// The shell agent's choice of programs. All mean our own packets here.
struct Arp_sender {
    static Arp_sender parse(std::string_view text) {
        for (const auto* known : {"send_arp", "iputils_arping", "libnet_arping", "ipoibarping"})
            if (text == known) return {};
        throw Error{Kind::misconfigured,
                    "expected send_arp, iputils_arping, libnet_arping or ipoibarping"};
    }
};

/// The name of a directory entry below /run/netns.
struct Network_name {
    std::string text;
    static Network_name parse(std::string_view name) {
        if (name == "." || name == ".." || name.find('/') != std::string_view::npos)
            throw Error{Kind::misconfigured, "expected the name of a network namespace"};
        return {std::string{name}};
    }
};

/// A parameter of one address on several nodes, which is refused (see unique_clone_address).
ocf::Declaration no_effect(const char* name, const char* text, const char* fallback) {
    return {.name = name, .brief = "Has no effect", .text = text, .fallback = fallback};
}

class IPaddr2 final : public ocf::Agent {
    ocf::Parameter<Ip> ip{*this,
                          {.name = "ip",
                           .brief = "Address",
                           .text = "The IPv4 or IPv6 address, in any spelling: 10.0.0.7 or "
                                   "2001:db8::7.",
                           .required = true,
                           .unique = true}};
    ocf::Parameter<std::optional<Nic_name>> nic{
        *this,
        {.name = "nic",
         .brief = "Network interface",
         .text = "The interface, by its name or an alternative name. The default is the one with "
                 "the most specific direct route to the address. Link-local IPv6 addresses need "
                 "it.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Prefix_length>> cidr_netmask{
        *this,
        {.name = "cidr_netmask",
         .brief = "Prefix length",
         .text = "The prefix length, such as 24 (or, for IPv4, the mask). The default is that of "
                 "the most specific direct route to the address.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Prefix_length>> netmask{
        *this,
        {.name = "netmask",
         .brief = "Old name of cidr_netmask",
         .text = "Counts when cidr_netmask is empty.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Broadcast>> broadcast{
        *this,
        {.name = "broadcast",
         .brief = "Broadcast address",
         .text = "IPv4: the broadcast address, or + or - for the last or first address of the "
                 "network. The default is the last one, if the network has more than two.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Route_protocol>> proto{
        *this,
        {.name = "proto",
         .brief = "Routes to look at",
         .text = "Look for interface and prefix length only in routes of this protocol: kernel, "
                 "static, another name of iproute2's rt_protos, or a number.",
         .fallback = ""}};
    ocf::Parameter<std::string> iflabel{
        *this,
        {.name = "iflabel",
         .brief = "Label of the address",
         .text = "IPv4: what is put behind the interface's name and a colon as the label that "
                 "tools show. Both together have at most 15 characters.",
         .fallback = ""}};
    ocf::Parameter<bool> noprefixroute{
        *this,
        {.name = "noprefixroute",
         .brief = "No route to the network",
         .text = "Add the address without the route to its network that the kernel makes.",
         .fallback = "false"}};
    ocf::Parameter<bool> nodad{
        *this,
        {.name = "nodad",
         .brief = "No duplicate detection",
         .text = "IPv6: use the address at once, without asking whether another node has it.",
         .fallback = "false"}};
    ocf::Parameter<bool> run_arping{
        *this,
        {.name = "run_arping",
         .brief = "Ask for duplicates first",
         .text = "IPv4: ask the neighbours whether one of them has the address, and fail if so. "
                 "This takes two seconds. IPv6 always asks.",
         .fallback = "false"}};
    ocf::Parameter<Preferred_lifetime> preferred_lft{
        *this,
        {.name = "preferred_lft",
         .brief = "Preferred lifetime",
         .text = "IPv6: for how many seconds new connections of this node may come from the "
                 "address. 0 means never, forever means always.",
         .fallback = "forever"}};
    ocf::Parameter<bool> lvs_ipv6_addrlabel{
        *this,
        {.name = "lvs_ipv6_addrlabel",
         .brief = "Do not prefer the address as a source",
         .text = "IPv6: give the address a label of its own (RFC 6724), so that this node's "
                 "connections come from its other addresses.",
         .fallback = "true"}};
    ocf::Parameter<std::uint32_t> lvs_ipv6_addrlabel_value{
        *this,
        {.name = "lvs_ipv6_addrlabel_value",
         .brief = "That label",
         .text = "The label, a number that no other rule uses.",
         .fallback = "99"}};
    ocf::Parameter<bool> lvs_support{
        *this,
        {.name = "lvs_support",
         .brief = "Share the loopback address of LVS-DR",
         .text = "IPv4: start takes the address away from the loopback interface, if it is there "
                 "with prefix length 32, and stop puts it back.",
         .fallback = "false"}};
    ocf::Parameter<std::optional<Network_name>> network_namespace{
        *this,
        {.name = "network_namespace",
         .brief = "Network namespace",
         .text = "The name of the network namespace (ip-netns(8)) in which the address lives.",
         .fallback = ""}};
    ocf::Parameter<bool> check_link_status{
        *this,
        {.name = "check_link_status",
         .brief = "Whether the link matters",
         .text = "An interface that is down or has no carrier makes start and monitor fail.",
         .fallback = "true"}};
    ocf::Parameter<int> arp_interval{
        *this,
        {.name = "arp_interval",
         .brief = "Time between announcements",
         .text = "The time between announcements to the neighbours, in milliseconds.",
         .fallback = "200"}};
    ocf::Parameter<int> arp_count{
        *this,
        {.name = "arp_count",
         .brief = "Number of announcements",
         .text = "How often the address is announced when it is started: by gratuitous ARP or, for "
                 "IPv6, by unsolicited neighbour advertisements. The first is sent before the "
                 "start ends.",
         .fallback = "5"}};
    ocf::Parameter<int> arp_count_refresh{
        *this,
        {.name = "arp_count_refresh",
         .brief = "Number of announcements by monitor",
         .text = "How often every recurring monitor announces the address again.",
         .fallback = "0"}};
    ocf::Parameter<std::optional<bool>> arp_bg{
        *this,
        {.name = "arp_bg",
         .brief = "Announce in the background",
         .text = "false makes start wait until all announcements are sent. The default is to wait "
                 "for the first one only.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Arp_sender>> arp_sender{
        *this,
        {.name = "arp_sender",
         .brief = "Has no effect",
         .text = "Accepted for compatibility: the packets are made here, on InfiniBand as well, "
                 "both as requests and as replies.",
         .fallback = ""}};
    ocf::Parameter<std::string> send_arp_opts{
        *this,
        {.name = "send_arp_opts",
         .brief = "Has no effect",
         .text = "Accepted for compatibility: options of the program that arp_sender named.",
         .fallback = ""}};
    ocf::Parameter<bool> flush_routes{
        *this,
        {.name = "flush_routes",
         .brief = "Has no effect",
         .text = "Accepted for compatibility: the kernel has no cache of routes since 3.6.",
         .fallback = "false"}};
    ocf::Parameter<bool> unique_clone_address{
        *this,
        {.name = "unique_clone_address",
         .brief = "An address for each instance",
         .text = "IPv4, as a globally unique clone: the number of the instance is added to the "
                 "last byte of the address. Without it a clone is refused: one address on several "
                 "nodes needed the CLUSTERIP target, which the kernel no longer has.",
         .fallback = "false"}};
    ocf::Parameter<std::string> clusterip_hash{
        *this,
        {.name = "clusterip_hash",
         .brief = "Has no effect",
         .text = "Accepted for compatibility: how CLUSTERIP distributed connections.",
         .fallback = "sourceip-sourceport"}};
    ocf::Parameter<int> monitor_retries{
        *this,
        {.name = "monitor_retries",
         .brief = "Patience with a link",
         .text = "For how many seconds a recurring monitor waits for the link to come back before "
                 "it fails. It goes on as soon as the link is there.",
         .fallback = "0"}};
    ocf::Parameter<std::string> clusterip_firewall{
        *this, no_effect("clusterip_firewall",
                         "Accepted for compatibility: the firewall for shared addresses of one "
                         "address on several nodes.",
                         "auto")};
    ocf::Parameter<std::string> clusterip_hash_seed{
        *this, no_effect("clusterip_hash_seed",
                         "Accepted for compatibility: the seed of the distribution of one address "
                         "on several nodes.",
                         "")};
    ocf::Parameter<std::string> clusterip_table{
        *this,
        no_effect(
            "clusterip_table",
            "Accepted for compatibility: the table for its rules of one address on several nodes.",
            "mangle")};
    ocf::Parameter<std::string> clusterip_chain{
        *this,
        no_effect(
            "clusterip_chain",
            "Accepted for compatibility: the chain for its rules of one address on several nodes.",
            "PREROUTING")};
    ocf::Parameter<bool> clusterip_mac_mangle{
        *this,
        no_effect(
            "clusterip_mac_mangle",
            "Accepted for compatibility: how replies were changed of one address on several nodes.",
            "false")};
    ocf::Parameter<std::string> mac{
        *this,
        {.name = "mac",
         .brief = "Has no effect",
         .text = "Accepted for compatibility: the multicast link address of CLUSTERIP.",
         .fallback = ""}};

    long clone_number() const {
        return text::number<long>(environment().meta("clone").value_or("0")).value_or(0);
    }
    long clone_max() const {
        return text::number<long>(environment().meta("clone_max").value_or("0")).value_or(0);
    }

    /// The address of this instance.
    Ip address() const {
        if (!unique_clone_address()) return ip();
        auto bytes = std::array<std::uint8_t, 4>{};
        std::copy_n(ip().data(), bytes.size(), bytes.begin());
        const auto last = bytes.back() + clone_number();
        if (ip().family() == Family::ipv6 || last > 254)
            throw Error{Kind::misconfigured, "ip=" + text::quoted(ip().to_text()) +
                                                 ": expected an IPv4 address that leaves room for "
                                                 "the numbers of the clone"};
        bytes.back() = static_cast<std::uint8_t>(last);
        return Ip::from_bytes(Family::ipv4, bytes.data());
    }

    Service_address wanted() const {
        return {.ip = address(),
                .nic = nic(),
                .prefix = cidr_netmask() ? cidr_netmask() : netmask(),
                .broadcast = broadcast(),
                .label = iflabel(),
                .route_protocol = proto(),
                .no_detection = nodad(),
                .no_prefix_route = noprefixroute(),
                .preferred = preferred_lft(),
                .source_label =
                    lvs_ipv6_addrlabel() ? std::optional{lvs_ipv6_addrlabel_value()} : std::nullopt,
                .ask_neighbours = run_arping(),
                .needs_carrier = check_link_status()};
    }

    service_address::Announcement announcement(int count) const {
        return {.count = count,
                .interval = std::chrono::milliseconds{arp_interval()},
                .rest = arp_bg().value_or(true) ? Announcer::Rest::in_background
                                                : Announcer::Rest::now};
    }

    /// Whether the network in which the address lives is here.
    bool enter(System& node) const {
        return !network_namespace() || node.networks.enter(network_namespace()->text);
    }

    /// Says that stop has to put the address back onto the loopback interface. The name is the
    /// shell agent's.
    ocf::Pseudo_state loopback_state(System& node) const {
        return {environment(), node.files, address().to_text()};
    }

    void check_clone() const {
        if (unique_clone_address() && environment().meta("globally_unique") != "true")
            throw Error{Kind::misconfigured,
                        "unique_clone_address=\"true\": expected a clone with the meta attribute "
                        "globally-unique=true"};
        // Real servers of LVS-DR share an address on the loopback interface of each.
        const bool on_loopback = nic() && nic()->name == "lo";
        if (clone_max() > 1 && !unique_clone_address() && !on_loopback)
            throw Error{Kind::misconfigured,
                        "clone-max=" + text::quoted(std::to_string(clone_max())) +
                            ": expected no clone, or unique_clone_address=true, as the kernel has "
                            "no CLUSTERIP any more"};
        if (lvs_support() && ip().family() == Family::ipv6)
            throw Error{Kind::misconfigured, "lvs_support=\"true\": expected an IPv4 address"};
    }

public:
    IPaddr2()
        : ocf::Agent{{
              .name = "IPaddr2",
              .brief = "Manages an IPv4 or IPv6 address",
              .text = "Adds an address to an interface, tells the neighbours, and removes it "
                      "again. An IPv6 address is up when duplicate address detection has let it "
                      "pass. Stop removes the address from whichever interface has it.",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 20s},
                          {.name = "status", .timeout = 20s},
                          {.name = "monitor", .timeout = 20s, .interval = 10s}},
              .example = "primitive p_ip ocf:san:IPaddr2 params ip=10.0.0.7 cidr_netmask=24 \\\n"
                         "    op monitor interval=10s timeout=20s",
          }} {}

    void check(System& node) const override {
        for (const auto* number : {&arp_interval, &arp_count})
            if ((*number)() < 1)
                throw Error{Kind::misconfigured, number->declaration().name + "=" +
                                                     text::quoted(std::to_string((*number)())) +
                                                     ": expected a number above 0"};
        for (const auto* number : {&arp_count_refresh, &monitor_retries})
            if ((*number)() < 0)
                throw Error{Kind::misconfigured, number->declaration().name + "=" +
                                                     text::quoted(std::to_string((*number)())) +
                                                     ": expected 0 or a number above"};
        if (ip().is_unspecified() || ip().is_multicast())
            throw Error{Kind::misconfigured, "ip=" + text::quoted(ip().to_text()) +
                                                 ": expected the address of one host"};
        check_clone();
        if (!enter(node))
            throw Error{Kind::wrong_on_this_node,
                        "network_namespace=" + text::quoted(network_namespace()->text) +
                            ": expected a network namespace of this node"};
        service_address::place(wanted(), node);
    }

    Change start(System& node) override {
        enter(node);
        const auto address = wanted();
        // Before it is taken from there, so that no kill between the two loses it.
        if (lvs_support() && service_address::is_on_loopback(address.ip, node))
            loopback_state(node).set();
        const auto change = service_address::start(address, node, deadline());
        // Also when it was there: who was killed before this point has announced nothing.
        service_address::announce(address.ip, node, announcement(arp_count()), deadline());
        return change;
    }

    Change stop(System& node) override {
        // Without its network there is no address.
        if (!enter(node)) return Change::none;
        if (is_parked(node)) {
            loopback_state(node).clear();
            return Change::none;
        }
        const bool back = lvs_support() && loopback_state(node).is_set();
        const auto change = service_address::stop(address(), node);
        if (back) {
            service_address::add_to_loopback(address(), node);
            loopback_state(node).clear();
        }
        return change;
    }

    ocf::State monitor(System& node) override {
        if (!enter(node)) return ocf::State::stopped;
        if (is_parked(node)) return absent(node);
        const auto address = wanted();
        auto faults = service_address::find_faults(address, node);
        if (faults && !faults->empty() && !is_probe() && monitor_retries() > 0 &&
            service_address::await_link(address.ip, node, patience()))
            faults = service_address::find_faults(address, node);
        if (!faults) return absent(node);
        if (!faults->empty())
            throw Error{Kind::failed,
                        "address " + address.ip.to_text() + ": " + text::joined(*faults, ", ")};
        if (!is_probe() && arp_count_refresh() > 0)
            service_address::announce(address.ip, node, announcement(arp_count_refresh()),
                                      deadline());
        return ocf::State::running;
    }

private:
    /// How long monitor waits for a link.
    Deadline patience() const { return deadline().within(std::chrono::seconds{monitor_retries()}); }

    /// The loopback interface has it for LVS-DR: not this resource's doing, or already undone.
    bool is_parked(System& node) const {
        return lvs_support() && service_address::is_on_loopback(address(), node);
    }

    /// An interface that went away took the address with it: a failure, where the cluster expects
    /// it to run.
    ocf::State absent(System& node) const {
        if (is_probe() || !nic() || service_address::has_link(*nic(), node.links.list()))
            return ocf::State::stopped;
        throw Error{Kind::failed, "interface " + nic()->name + " is gone, with " + ip().to_text()};
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<IPaddr2>(); }
