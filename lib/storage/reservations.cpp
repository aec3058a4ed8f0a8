// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/reservations.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

using Rule = bool (*)(std::string_view);

bool is_iscsi(std::string_view value) { return value == "iSCSI"; }
bool is_bit(std::string_view value) { return value == "0" || value == "1"; }

/// An iSCSI name as initiators have them, which is more than is proper, but nothing that could be
/// taken for the end of a value here or in XML.
bool is_name(std::string_view value) {
    // 223 bytes: RFC 7143, 4.2.7.1.
    return !value.empty() && value.size() <= 223 &&
           std::all_of(value.begin(), value.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == ':' || c == '-' || c == '_';
           });
}

bool is_isid(std::string_view value) {
    return !value.empty() && value.size() <= 16 &&
           value.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool is_key(std::string_view value) { return text::number<std::uint64_t>(value).value_or(0) != 0; }
bool is_number(std::string_view value) { return text::number<std::uint64_t>(value).has_value(); }
bool is_short(std::string_view value) { return text::number<std::uint16_t>(value).has_value(); }

/// SPC-4, table "persistent reservation type codes": the others are obsolete.
bool is_type(std::string_view value) {
    constexpr std::array<std::string_view, 6> types{"01", "03", "05", "06", "07", "08"};
    return std::find(types.begin(), types.end(), value) != types.end();
}
bool is_scope(std::string_view value) { return value == "00"; }

struct Key {
    std::string_view name;
    Rule rule;
    bool needed;
};

constexpr std::array<Key, 14> keys{{{"initiator_fabric", is_iscsi, false},
                                    {"initiator_node", is_name, true},
                                    {"initiator_sid", is_isid, false},
                                    {"sa_res_key", is_key, true},
                                    {"res_holder", is_bit, false},
                                    {"res_type", is_type, false},
                                    {"res_scope", is_scope, false},
                                    {"res_all_tg_pt", is_bit, false},
                                    {"mapped_lun", is_number, true},
                                    {"target_fabric", is_iscsi, false},
                                    {"target_node", is_name, true},
                                    {"tpgt", is_short, false},
                                    {"port_rtpi", is_short, false},
                                    {"target_lun", is_number, true}}};

Error unexpected(const std::string& what) {
    return Error{Kind::failed, "reservations: expected what the kernel writes, not " + what};
}

const Key& key(const std::string& name) {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.name == name; });
    if (found == keys.end()) throw unexpected(text::quoted(name));
    return *found;
}

std::pair<std::string, std::string> field(std::string_view text) {
    const auto sign = text.find('=');
    if (sign == std::string_view::npos) throw unexpected(text::quoted(std::string{text}));
    return {std::string{text.substr(0, sign)}, std::string{text.substr(sign + 1)}};
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return parts;
}

constexpr std::string_view block_start = "PR_REG_START: ";
constexpr std::string_view block_end = "PR_REG_END: ";
constexpr std::string_view none = "No Registrations or Reservations";

}  // namespace

Registration::Registration(Fields fields) : fields_{std::move(fields)} {
    for (const auto& [name, value] : fields_) {
        if (!key(name).rule(value)) throw unexpected(name + "=" + text::quoted(value));
        if (std::count_if(fields_.begin(), fields_.end(),
                          [&](const auto& other) { return other.first == name; }) != 1)
            throw unexpected(name + " twice");
    }
    for (const auto& one : keys)
        if (one.needed && find(one.name) == nullptr)
            throw unexpected("a registration without " + std::string{one.name});
    if (is_holder() && find("res_type") == nullptr) throw unexpected("a holder without res_type");
}

const std::string* Registration::find(std::string_view name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const auto& one) { return one.first == name; });
    return found == fields_.end() ? nullptr : &found->second;
}

const std::string& Registration::initiator() const { return *find("initiator_node"); }

const std::string& Registration::target() const { return *find("target_node"); }

bool Registration::is_holder() const {
    const auto* holder = find("res_holder");
    return holder != nullptr && *holder == "1";
}

std::string Registration::description() const {
    constexpr std::array<std::string_view, 9> types{"",
                                                    "write exclusive",
                                                    "",
                                                    "exclusive access",
                                                    "",
                                                    "write exclusive, registrants only",
                                                    "exclusive access, registrants only",
                                                    "write exclusive, all registrants",
                                                    "exclusive access, all registrants"};
    std::array<char, 17> hex{};
    // As sg_persist and fence_scsi show keys.
    std::snprintf(hex.data(), hex.size(), "%llx",
                  text::number<unsigned long long>(*find("sa_res_key")).value_or(0));
    auto said = initiator() + " key 0x" + hex.data();
    if (const auto* isid = find("initiator_sid")) said += " isid " + *isid;
    if (is_holder()) {
        const auto type = text::number<std::size_t>(*find("res_type")).value_or(0);
        said += ", holds the reservation: " + std::string{types.at(type)};
    }
    return said;
}

std::string Registration::to_text() const {
    std::vector<std::string> lines;
    for (const auto& [name, value] : fields_) lines.push_back(name + "=" + value);
    return text::joined(lines, ",");
}

Registrations::Registrations(std::vector<Registration> list) : list_{std::move(list)} {
    if (std::count_if(list_.begin(), list_.end(),
                      [](const Registration& one) { return one.is_holder(); }) > 1)
        throw unexpected("two holders");
}

std::optional<Registrations> Registrations::find_in_file(std::string_view content) {
    // The last byte that the kernel writes.
    if (content.empty() || content.back() != '\0') return {};
    content.remove_suffix(1);
    std::vector<Registration> list;
    std::optional<Registration::Fields> block;
    for (const auto line : split(content, '\n')) {
        if (line == none && !block) continue;
        if (line.starts_with(block_start) && !block) {
            block.emplace();
        } else if (line.starts_with(block_end) && block) {
            list.emplace_back(std::move(*block));
            block.reset();
        } else if (block) {
            block->push_back(field(line));
        } else {
            throw unexpected(text::quoted(std::string{line}));
        }
    }
    if (block) throw unexpected("a block without its end");
    return Registrations{std::move(list)};
}

Registrations Registrations::parse_line(std::string_view line) {
    std::vector<Registration> list;
    for (const auto block : split(line, ';')) {
        Registration::Fields fields;
        for (const auto part : split(block, ',')) fields.push_back(field(part));
        list.emplace_back(std::move(fields));
    }
    return Registrations{std::move(list)};
}

std::string Registrations::to_line() const {
    std::vector<std::string> blocks;
    for (const auto& one : list_) blocks.push_back(one.to_text());
    return text::joined(blocks, ";");
}

}  // namespace san
