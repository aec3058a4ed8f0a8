// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/names.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view hex_digits = "0123456789abcdef";
// RFC 3722 6.2 forbids every other ASCII character. Names beyond ASCII would need its preparation,
// which no target or initiator of ours does; they are refused.
constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789-.:";

// RFC 7143 4.2.7.1: 223 bytes; LIO's buffer has one more for the NUL.
constexpr std::size_t longest_name = 223;

// RFC 1035 2.3.4, for the domain in a name.
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_domain = 253;

// include/target/target_core_base.h, INQUIRY_VPD_SERIAL_LEN 254 with its NUL, and
// INQUIRY_MODEL_LEN and INQUIRY_VENDOR_LEN.
constexpr std::size_t longest_serial = 253;
constexpr std::size_t longest_product = 16;
constexpr std::size_t longest_vendor = 8;

// SAM-5 4.7.7: flat addressing reaches this; LIO takes more, but no initiator finds it.
constexpr std::uint16_t highest_lun = 16383;

bool only(std::string_view characters, std::string_view text) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

/// "2026-01.org.example:disk1", what follows "iqn.".
bool is_dated_name(std::string_view text) {
    if (text.size() < 9 || text[4] != '-' || text[7] != '.') return false;
    if (!only(digits, text.substr(0, 4)) || !only(digits, text.substr(5, 2))) return false;
    const auto month = text::number<int>(text.substr(5, 2)).value_or(0);
    if (month < 1 || month > 12) return false;

    auto authority = text.substr(8);
    authority = authority.substr(0, authority.find(':'));
    if (authority.size() > longest_domain) return false;
    while (!authority.empty()) {
        const auto dot = authority.find('.');
        const auto label = authority.substr(0, dot);
        if (label.empty() || label.size() > longest_label || label.front() == '-' ||
            label.back() == '-')
            return false;
        if (dot == std::string_view::npos) return true;
        authority.remove_prefix(dot + 1);
    }
    return false;
}

bool is_iscsi_name(std::string_view text) {
    if (text.size() > longest_name || !only(name_characters, text)) return false;
    const auto rest = text.substr(std::min<std::size_t>(4, text.size()));
    if (text.starts_with("iqn.")) return is_dated_name(rest);
    if (text.starts_with("eui.")) return rest.size() == 16 && only(hex_digits, rest);
    // RFC 7143 4.2.7.2: type 6 has 128 bits, all others have 64.
    if (text.starts_with("naa."))
        return rest.size() == (rest.starts_with('6') ? 32 : 16) && only(hex_digits, rest);
    return false;
}

/// Printable as SCSI's strings are. The kernel drops blanks at the ends.
bool is_identity(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && text == text::trimmed(text) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Iscsi_name Iscsi_name::parse(std::string_view text) {
    if (is_iscsi_name(text)) return Iscsi_name{std::string{text}};
    std::string expected = "expected an iSCSI name such as iqn.2026-01.org.example:disk1";
    if (is_iscsi_name(text::lower(text))) expected += ", in lower case";
    throw Error{Kind::misconfigured, expected};
}

Initiator_entry Initiator_entry::parse(std::string_view text) {
    const auto slash = text.find('/');
    try {
        const auto ip = Ip::parse(text.substr(0, slash));
        if (slash == std::string_view::npos) return {.network = std::string{text}};
        const auto bits = text::number<unsigned>(text.substr(slash + 1));
        if (bits && *bits <= ip.bits()) return {.network = std::string{text}};
    } catch (const Error&) {
        // Then it is a name, or nothing.
    }
    return {.name = Iscsi_name::parse(text)};
}

Portal Portal::parse(std::string_view text) {
    const Error expected{Kind::misconfigured,
                         "expected a portal such as 10.0.0.7:3260 or [2001:db8::7]:3260"};
    auto address = text;
    std::optional<std::string_view> port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) throw expected;
        address = text.substr(1, end - 1);
        const auto rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':') throw expected;
        if (!rest.empty()) port = rest.substr(1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        address = text.substr(0, text.find(':'));
        port = text.substr(address.size() + 1);
    }
    const auto ip = Ip::find(address);
    const auto number = port ? text::number<std::uint16_t>(*port) : default_port;
    const bool brackets_fit = !text.starts_with('[') || (ip && ip->family() == Family::ipv6);
    // LIO takes port 0 and listens wherever it likes (6.1).
    if (!ip || !brackets_fit || number.value_or(0) == 0) throw expected;
    return Portal{*ip, *number};
}

std::string Portal::to_text() const {
    const auto address = ip_.to_text();
    return (ip_.family() == Family::ipv6 ? "[" + address + "]" : address) + ":" +
           std::to_string(port_);
}

Lun_number Lun_number::parse(std::string_view text) {
    const auto number = text::number<std::uint16_t>(text);
    if (!number || *number > highest_lun)
        throw Error{Kind::misconfigured, "expected a number from 0 to 16383"};
    return Lun_number{*number};
}

Switch Switch::parse(std::string_view text) {
    if (text != "0" && text != "1") throw Error{Kind::misconfigured, "expected 0 or 1"};
    return Switch{text == "1"};
}

Scsi_serial Scsi_serial::parse(std::string_view text) {
    if (!is_identity(text, longest_serial))
        throw Error{Kind::misconfigured,
                    "expected 1 to 253 printable ASCII characters, no blank at either end"};
    return Scsi_serial{std::string{text}};
}

Scsi_product Scsi_product::parse(std::string_view text) {
    if (!is_identity(text, longest_product))
        throw Error{Kind::misconfigured,
                    "expected 1 to 16 printable ASCII characters, no blank at either end"};
    return Scsi_product{std::string{text}};
}

Scsi_vendor Scsi_vendor::parse(std::string_view text) {
    if (!is_identity(text, longest_vendor))
        throw Error{Kind::misconfigured,
                    "expected 1 to 8 printable ASCII characters, no blank at either end"};
    return Scsi_vendor{std::string{text}};
}

Block_size Block_size::parse(std::string_view text) {
    for (const unsigned bytes : {512U, 1024U, 2048U, 4096U})
        if (text == std::to_string(bytes)) return Block_size{bytes};
    throw Error{Kind::misconfigured, "expected 512, 1024, 2048 or 4096"};
}

Backing_path Backing_path::parse(std::string_view text) {
    if (!text.starts_with('/') || text.find_first_of(",\n") != std::string_view::npos)
        throw Error{Kind::misconfigured,
                    "expected the absolute path of a block device or a file, without a comma"};
    return Backing_path{std::string{text}};
}

}  // namespace san
