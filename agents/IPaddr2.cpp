// SPDX-License-Identifier: GPL-2.0-or-later
// IPaddr2: one IPv4 or IPv6 address that moves with the service.
//
// "running" means that the address is on this node, where it was asked for, on an interface with a
// carrier, and that no duplicate was found.

#include "base/error.hpp"
#include "base/text.hpp"
#include "ocf/agent.hpp"
#include "storage/service_address.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

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
    ocf::Parameter<std::optional<Broadcast>> broadcast{
        *this,
        {.name = "broadcast",
         .brief = "Broadcast address",
         .text = "IPv4: the broadcast address, or + or - for the last or first address of the "
                 "network. The default is the last one, if the network has more than two.",
         .fallback = ""}};
    ocf::Parameter<std::string> iflabel{
        *this,
        {.name = "iflabel",
         .brief = "Label of the address",
         .text = "IPv4: what is put behind the interface's name and a colon as the label that "
                 "tools show. Both together have at most 15 characters.",
         .fallback = ""}};
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

    Service_address wanted() const {
        return {.ip = ip(),
                .nic = nic(),
                .prefix = cidr_netmask(),
                .broadcast = broadcast(),
                .label = iflabel()};
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
        if (ip().is_unspecified() || ip().is_multicast())
            throw Error{Kind::misconfigured, "ip=" + text::quoted(ip().to_text()) +
                                                 ": expected the address of one host"};
        service_address::place(wanted(), node.links.list(), node.routes.list(ip().family()));
    }

    Change start(System& node) override {
        const auto change = service_address::start(wanted(), node, deadline());
        // Also when it was there: who was killed before this point has announced nothing.
        service_address::announce(wanted(), node, arp_count(),
                                  std::chrono::milliseconds{arp_interval()});
        return change;
    }

    Change stop(System& node) override { return service_address::stop(ip(), node); }

    ocf::State monitor(System& node) override {
        const auto addresses = node.addresses.list();
        if (!service_address::exists(ip(), addresses)) return ocf::State::stopped;
        const auto faults = service_address::faults(wanted(), addresses, node.links.list());
        if (!faults.empty())
            throw Error{Kind::failed,
                        "address " + ip().to_text() + ": " + text::joined(faults, ", ")};
        return ocf::State::running;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<IPaddr2>(); }
