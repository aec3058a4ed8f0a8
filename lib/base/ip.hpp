// SPDX-License-Identifier: GPL-2.0-or-later
// Internet addresses as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace san {

enum class Family { ipv4, ipv6 };

class Ip {
public:
    Ip() = default;
    /// Network byte order; 4 bytes for IPv4, 16 for IPv6.
    static Ip from_bytes(Family family, const void* bytes);

    /// Dotted quad or any spelling of IPv6 that inet_pton(3) takes.
    static std::optional<Ip> find(std::string_view text);

    /// As find. Errors: misconfigured, with what was expected.
    static Ip parse(std::string_view text);

    /// The canonical spelling, as inet_ntop(3) writes it.
    std::string to_text() const;

    Family family() const { return family_; }
    /// 32 or 128.
    unsigned bits() const { return family_ == Family::ipv4 ? 32 : 128; }
    const std::uint8_t* data() const { return bytes_.data(); }
    unsigned size() const { return bits() / 8; }

    /// The address with all but its first `prefix` bits set to `fill`.
    Ip masked(unsigned prefix, bool fill = false) const;
    bool in(const Ip& network, unsigned prefix) const;
    bool is_link_local() const;
    bool is_loopback() const;
    bool is_unspecified() const;
    bool is_multicast() const;

    friend auto operator<=>(const Ip&, const Ip&) = default;

private:
    Family family_ = Family::ipv4;
    std::array<std::uint8_t, 16> bytes_{};
};

/// All addresses that begin with the same bits; with 32 or 128 of them, one address.
struct Ip_network {
    Ip ip;  ///< its first address
    unsigned prefix = 0;

    /// An address, alone or with "/" and a prefix length. Errors: misconfigured
    static Ip_network parse(std::string_view text);
    /// Without the prefix length when it is one address.
    std::string to_text() const;
    bool is_one_address() const { return prefix == ip.bits(); }
    bool contains(const Ip& other) const { return other.in(ip, prefix); }

    friend auto operator<=>(const Ip_network&, const Ip_network&) = default;
};

}  // namespace san
