// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/background.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "kernel/addresses.hpp"
#include "kernel/arp.hpp"

namespace san {

namespace {

using arp::Bytes;

void append(Bytes& packet, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    packet.insert(packet.end(), bytes, bytes + size);
}

Fd arp_socket(unsigned protocol) {
    auto socket = Fd::adopt(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC,
                                     htons(static_cast<std::uint16_t>(protocol))));
    if (!socket) throw system_error("opening a packet socket", errno);
    return socket;
}

void broadcast(const Fd& socket, const Link& link, const Bytes& packet) {
    // InfiniBand's addresses are longer than sockaddr_ll has room for, which packet(7) allows.
    struct {
        sockaddr_ll header;
        std::array<std::uint8_t, 24> more;
    } to{};
    to.header.sll_family = AF_PACKET;
    to.header.sll_protocol = htons(ETHERTYPE_ARP);
    to.header.sll_ifindex = link.index.value;
    to.header.sll_halen = static_cast<std::uint8_t>(link.broadcast.size());
    const auto offset = offsetof(sockaddr_ll, sll_addr);
    if (link.broadcast.size() > sizeof to - offset)
        throw Error{Kind::failed, link.name + " has addresses of an unknown length"};
    std::memcpy(reinterpret_cast<std::uint8_t*>(&to) + offset, link.broadcast.data(),
                link.broadcast.size());
    const auto length = std::max(sizeof to.header, offset + link.broadcast.size());
    if (::sendto(socket.raw(), packet.data(), packet.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(length)) < 0)
        throw system_error("sending ARP on " + link.name, errno);
}

void send_arp(const Link& link, const Ip& ip) {
    // Protocol 0: it receives nothing.
    const auto socket = arp_socket(0);
    // Some neighbours learn from requests only, some from replies only.
    for (const auto operation : {arp::Operation::request, arp::Operation::reply})
        broadcast(socket, link, arp::packet(operation, link, ip));
}

/// Listens until the deadline for a neighbour that has the address.
bool hears_claim(const Fd& socket, const Link& link, const Ip& ip, const Deadline& deadline) {
    for (;;) {
        pollfd ready{socket.raw(), POLLIN, 0};
        const int count = ::poll(&ready, 1, static_cast<int>(deadline.left().count()));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        Bytes packet(128);
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        const auto got = ::recvfrom(socket.raw(), packet.data(), packet.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&from), &size);
        packet.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (from.sll_ifindex == link.index.value && from.sll_pkttype != PACKET_OUTGOING &&
            arp::claims(packet, link, ip))
            return true;
    }
}

sockaddr_in6 ipv6(const void* bytes, Link_index link) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_scope_id = static_cast<std::uint32_t>(link.value);
    std::memcpy(&address.sin6_addr, bytes, sizeof address.sin6_addr);
    return address;
}

/// An unsolicited neighbour advertisement with the override flag (RFC 4861, 4.4 and 7.2.6). The
/// kernel computes the checksum of ICMPv6.
void send_advertisement(const Link& link, const Ip& ip) {
    const auto socket = Fd::adopt(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6));
    if (!socket) throw system_error("opening an ICMPv6 socket", errno);
    // RFC 4861, 7.1.2: receivers drop what may have come through a router.
    const int hops = 255;
    const int index = link.index.value;
    const auto from = ipv6(ip.data(), link.index);
    if (::setsockopt(socket.raw(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) != 0 ||
        ::setsockopt(socket.raw(), IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index) != 0 ||
        ::bind(socket.raw(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        throw system_error("preparing to announce " + ip.to_text() + " on " + link.name, errno);

    nd_neighbor_advert header{};
    header.nd_na_type = ND_NEIGHBOR_ADVERT;
    header.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE;
    std::memcpy(&header.nd_na_target, ip.data(), ip.size());
    Bytes packet;
    append(packet, &header, sizeof header);
    // The option's length is in units of 8 bytes, its two first ones included.
    const auto units = (2 + link.hardware.size() + 7) / 8;
    packet.push_back(ND_OPT_TARGET_LINKADDR);
    packet.push_back(static_cast<std::uint8_t>(units));
    append(packet, link.hardware.data(), link.hardware.size());
    packet.resize(sizeof header + units * 8);

    const auto everybody = ipv6(&in6addr_any, link.index);
    auto to = everybody;
    to.sin6_addr.s6_addr[0] = 0xff;
    to.sin6_addr.s6_addr[1] = 0x02;
    to.sin6_addr.s6_addr[15] = 0x01;
    if (::sendto(socket.raw(), packet.data(), packet.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0)
        throw system_error("announcing " + ip.to_text() + " on " + link.name, errno);
}

void send(const Link& link, const Ip& ip) {
    ip.family() == Family::ipv4 ? send_arp(link, ip) : send_advertisement(link, ip);
}

bool is_on(const Link& link, const Ip& ip) {
    // A socket of its own: the parent's may be in the middle of a conversation.
    const auto all = make_addresses()->list();
    return std::any_of(all.begin(), all.end(), [&](const Address& address) {
        return address.ip == ip && address.link == link.index;
    });
}

void pause(std::chrono::milliseconds span) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
    timespec rest{seconds.count(), std::chrono::nanoseconds{span - seconds}.count()};
    while (::nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
}

void repeat(const Link& link, const Ip& ip, int count, std::chrono::milliseconds interval,
            const std::optional<Deadline>& deadline) {
    for (int sent = 0; sent < count; ++sent) {
        if (deadline && deadline->left() < interval) {
            log::warning(ip.to_text(), " was announced ", sent + 1, " times: time is up");
            return;
        }
        pause(interval);
        // Stopped, and perhaps started elsewhere: from now on it would be a lie.
        if (!is_on(link, ip)) return;
        send(link, ip);
    }
}

class Packet_announcer final : public Announcer {
public:
    void announce(const Link& link, const Ip& ip, int count, std::chrono::milliseconds interval,
                  Rest rest, const Deadline& deadline) override {
        if (!link.has_neighbours || count < 1) return;
        send(link, ip);
        if (count == 1) return;
        if (rest == Rest::now) return repeat(link, ip, count - 1, interval, deadline);
        Detached{}.run([=] { repeat(link, ip, count - 1, interval, {}); });
    }

    bool is_taken(const Link& link, const Ip& ip, const Deadline& deadline) override {
        using namespace std::chrono_literals;
        if (!link.has_neighbours || ip.family() != Family::ipv4) return false;
        const auto socket = arp_socket(ETHERTYPE_ARP);
        for (int probe = 0; probe < 2; ++probe) {
            broadcast(socket, link, arp::probe(link, ip));
            if (hears_claim(socket, link, ip, deadline.within(1s))) return true;
        }
        return false;
    }
};

}  // namespace

std::unique_ptr<Announcer> make_announcer() { return std::make_unique<Packet_announcer>(); }

}  // namespace san
