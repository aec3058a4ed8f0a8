// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/address_values.hpp"

#include <algorithm>
#include <linux/rtnetlink.h>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"

namespace san {

namespace {

// net/core/dev.c, dev_valid_name(); alternative names are up to ALTIFNAMSIZ long.
bool can_be_name(std::string_view name) {
    const auto bad = [](char c) {
        return c == '/' || c == ':' || static_cast<unsigned char>(c) <= 32;
    };
    return !name.empty() && name.size() < 128 && name != "." && name != ".." &&
           std::none_of(name.begin(), name.end(), bad);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// A number as iproute2's tables have it: decimal, or with 0x before it.
std::optional<unsigned> table_number(std::string_view text) {
    const bool hex = text.starts_with("0x");
    const auto number = text::number<unsigned>(hex ? text.substr(2) : text, hex ? 16 : 10);
    return number && *number < 256 ? number : std::nullopt;
}

/// A line is a number and a name; # begins a comment.
std::optional<unsigned> find_in(const std::string& table, const std::string& name) {
    for (std::size_t at = 0; at < table.size();) {
        const auto end = std::min(table.find('\n', at), table.size());
        const auto line = std::string_view{table}.substr(at, end - at);
        const auto words = text::words(line.substr(0, line.find('#')));
        if (words.size() >= 2 && words[1] == name)
            if (const auto number = table_number(words[0])) return number;
        at = end + 1;
    }
    return {};
}

/// The administrator's tables, then the distribution's, each with what packages add.
std::vector<std::filesystem::path> protocol_tables(const Files& files) {
    std::vector<std::filesystem::path> tables;
    for (const std::filesystem::path directory : {"/etc/iproute2", "/usr/share/iproute2"}) {
        tables.push_back(directory / "rt_protos");
        for (const auto& name : files.names(directory / "rt_protos.d"))
            if (name.ends_with(".conf")) tables.push_back(directory / "rt_protos.d" / name);
    }
    return tables;
}

}  // namespace

Nic_name Nic_name::parse(std::string_view text) {
    const auto colon = text.find(':');
    Nic_name nic{.name = std::string{text.substr(0, colon)}};
    if (colon != std::string_view::npos) nic.label = text.substr(colon + 1);
    if (!can_be_name(nic.name) || (colon != std::string_view::npos && nic.label.empty()))
        throw Error{Kind::misconfigured, "expected the name of an interface, such as eth0"};
    return nic;
}

Prefix_length Prefix_length::parse(std::string_view text) {
    if (const auto bits = text::number<unsigned>(text); bits && *bits <= 128) return {*bits};
    if (const auto mask = Ip::find(text); mask && mask->family() == Family::ipv4) {
        const auto all = Ip::parse("255.255.255.255");
        for (unsigned bits = 0; bits <= 32; ++bits)
            if (all.masked(bits) == *mask) return {bits};
    }
    throw Error{Kind::misconfigured,
                "expected a prefix length, such as 24, or its mask, such as 255.255.255.0"};
}

Route_protocol Route_protocol::parse(std::string_view text) {
    // linux/rtnetlink.h, RTPROT_*, by the names of iproute2.
    static const std::map<std::string_view, unsigned> names{
        {"redirect", RTPROT_REDIRECT}, {"kernel", RTPROT_KERNEL}, {"boot", RTPROT_BOOT},
        {"static", RTPROT_STATIC},     {"gated", RTPROT_GATED},   {"ra", RTPROT_RA},
        {"zebra", RTPROT_ZEBRA},       {"bird", RTPROT_BIRD},     {"dhcp", RTPROT_DHCP},
        {"babel", RTPROT_BABEL},       {"bgp", RTPROT_BGP},       {"isis", RTPROT_ISIS},
        {"ospf", RTPROT_OSPF},         {"rip", RTPROT_RIP},       {"eigrp", RTPROT_EIGRP}};
    if (const auto found = names.find(text); found != names.end()) return {.number = found->second};
    if (const auto number = text::number<unsigned>(text); number && *number < 256)
        return {.number = *number};
    const bool can_be_name = !text.empty() && is_letter(text.front()) &&
                             text.find_first_of(" \t\r\n#") == std::string_view::npos;
    if (can_be_name) return {.name = std::string{text}};
    throw Error{Kind::misconfigured,
                "expected the protocol of a route, such as kernel or static, or its number"};
}

Route_protocol Route_protocol::known_to(const Files& files) const {
    if (name.empty()) return *this;
    for (const auto& table : protocol_tables(files))
        if (const auto content = files.find(table))
            if (const auto found = find_in(*content, name)) return {.number = *found};
    throw Error{Kind::wrong_on_this_node,
                "proto=" + text::quoted(name) +
                    ": expected kernel, static, a name in rt_protos or rt_protos.d below "
                    "/etc/iproute2 or /usr/share/iproute2, or a number"};
}

Preferred_lifetime Preferred_lifetime::parse(std::string_view text) {
    if (text == "forever") return {};
    const auto seconds = text::number<std::uint32_t>(text);
    if (!seconds) throw Error{Kind::misconfigured, "expected forever, or a number of seconds"};
    return {.seconds = seconds};
}

Broadcast Broadcast::parse(std::string_view text) {
    if (text == "+") return {};
    if (text == "-") return {.last = false};
    const auto ip = Ip::find(text);
    if (!ip || ip->family() != Family::ipv4)
        throw Error{Kind::misconfigured, "expected an IPv4 address, + or -"};
    return {.given = ip};
}

Ip Broadcast::of(const Ip& ip, unsigned prefix) const {
    return given ? *given : ip.masked(prefix, last);
}

}  // namespace san
