// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {
int af(Family family) { return family == Family::ipv4 ? AF_INET : AF_INET6; }
}  // namespace

Ip Ip::from_bytes(Family family, const void* bytes) {
    Ip ip;
    ip.family_ = family;
    std::memcpy(ip.bytes_.data(), bytes, ip.size());
    return ip;
}

std::optional<Ip> Ip::find(std::string_view text) {
    Ip ip;
    ip.family_ = text.find(':') == std::string_view::npos ? Family::ipv4 : Family::ipv6;
    if (::inet_pton(af(ip.family_), std::string{text}.c_str(), ip.bytes_.data()) != 1) return {};
    return ip;
}

Ip Ip::parse(std::string_view text) {
    if (const auto ip = find(text)) return *ip;
    throw Error{Kind::misconfigured, "expected an IPv4 or IPv6 address"};
}

std::string Ip::to_text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    ::inet_ntop(af(family_), bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

Ip Ip::masked(unsigned prefix, bool fill) const {
    Ip result = *this;
    for (unsigned bit = prefix; bit < bits(); ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        auto& byte = result.bytes_[bit / 8];
        byte = static_cast<std::uint8_t>(fill ? byte | mask : byte & ~mask);
    }
    return result;
}

bool Ip::in(const Ip& network, unsigned prefix) const {
    return family_ == network.family_ && masked(prefix) == network.masked(prefix);
}

bool Ip::is_loopback() const {
    return family_ == Family::ipv4 ? bytes_[0] == 127 : *this == Ip::parse("::1");
}

bool Ip::is_link_local() const {
    // RFC 4291 2.5.6: fe80::/10; RFC 3927: 169.254/16.
    return family_ == Family::ipv6 ? bytes_[0] == 0xfe && (bytes_[1] & 0xc0U) == 0x80
                                   : bytes_[0] == 169 && bytes_[1] == 254;
}

bool Ip::is_unspecified() const { return masked(0) == *this; }

bool Ip::is_multicast() const {
    // 224.0.0.0/4, which with 240.0.0.0/4 behind it belongs to no host; ff00::/8.
    return family_ == Family::ipv6 ? bytes_[0] == 0xff : bytes_[0] >= 224;
}

Ip_network Ip_network::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto ip = Ip::find(text.substr(0, slash));
    const auto prefix = !ip || slash == std::string_view::npos
                            ? std::optional<unsigned>{}
                            : text::number<unsigned>(text.substr(slash + 1));
    if (!ip || (slash != std::string_view::npos && (!prefix || *prefix > ip->bits())))
        throw Error{Kind::misconfigured,
                    "expected an IPv4 or IPv6 address, or a network such as 10.0.0.0/24"};
    const auto length = prefix.value_or(ip->bits());
    return {ip->masked(length), length};
}

std::string Ip_network::to_text() const {
    return is_one_address() ? ip.to_text() : ip.to_text() + "/" + std::to_string(prefix);
}

}  // namespace san
