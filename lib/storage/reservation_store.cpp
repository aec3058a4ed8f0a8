// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/reservation_store.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

// Of crm_exit_t, since Pacemaker 1.1.19 part of its interface.
constexpr int no_such_property = 105;  // CRM_EX_NOSUCH
constexpr int not_connected = 102;     // CRM_EX_DISCONNECT

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

/// The serial number that property() made a name of.
std::optional<std::string> find_serial(std::string_view name) {
    if (name.starts_with("aptpl-")) return std::string{name.substr(6)};
    if (!name.starts_with("aptpl_") || name.size() % 2 != 0) return {};
    std::string serial;
    for (std::size_t at = 6; at < name.size(); at += 2) {
        const auto byte = text::number<unsigned char>(name.substr(at, 2), 16);
        if (!byte) return {};
        serial.push_back(static_cast<char>(*byte));
    }
    return serial;
}

/// The value of an attribute in the text of an element.
std::string attribute(std::string_view element, const std::string& name) {
    const auto start = element.find(" " + name + "=\"");
    if (start == std::string_view::npos) return {};
    const auto value = element.substr(start + name.size() + 3);
    return std::string{value.substr(0, value.find('"'))};
}

}  // namespace

std::string Reservation_store::property(const Scsi_serial& serial) {
    const auto& text = serial.to_text();
    if (std::all_of(text.begin(), text.end(), is_plain)) return "aptpl-" + text;
    constexpr auto digits = "0123456789abcdef";
    std::string name = "aptpl_";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        name += {digits[byte >> 4U], digits[byte & 0xfU]};
    }
    return name;
}

std::vector<std::string> Reservation_store::command(const Scsi_serial& serial) const {
    return {"crm_attribute", "--type", "crm_config",    "--set-name",
            property_set,    "--name", property(serial)};
}

Reservation_store::Stored Reservation_store::find(const Scsi_serial& serial,
                                                  const Deadline& deadline) const {
    if (!commands_.has("crm_attribute")) return {};
    auto argv = command(serial);
    argv.insert(argv.end(), {"--query", "--quiet"});
    const auto outcome = commands_.run(argv, deadline);
    if (outcome.ok()) return {.clustered = true, .line = std::string{text::trimmed(outcome.out)}};
    if (outcome.status == no_such_property) return {.clustered = true};
    if (outcome.status == not_connected) return {};
    throw Error{Kind::failed, "the cluster does not tell the reservations: " + outcome.complaint()};
}

std::map<std::string, std::string> Reservation_store::all(const Deadline& deadline) const {
    const auto outcome =
        commands_.run({"cibadmin", "--query", "--local", "--xpath",
                       "//cluster_property_set[@id='" + std::string{property_set} + "']/nvpair"},
                      deadline);
    if (outcome.status == no_such_property) return {};
    if (!outcome.ok())
        throw Error{Kind::failed, "the cluster does not answer: " + outcome.complaint()};
    // No parser of XML: neither our names nor our values need anything quoted, and others are not
    // ours.
    std::map<std::string, std::string> found;
    std::string_view rest = outcome.out;
    constexpr std::string_view begin = "<nvpair";
    for (auto at = rest.find(begin); at != std::string_view::npos; at = rest.find(begin)) {
        rest.remove_prefix(at + begin.size());
        const auto element = rest.substr(0, rest.find('>'));
        if (const auto serial = find_serial(attribute(element, "name")))
            found.emplace(*serial, attribute(element, "value"));
    }
    return found;
}

void Reservation_store::put(const Scsi_serial& serial, const std::string& line,
                            const Deadline& deadline) const {
    auto argv = command(serial);
    if (line.empty())
        argv.emplace_back("--delete");
    else
        argv.insert(argv.end(), {"--update", line});
    const auto outcome = commands_.run(argv, deadline);
    if (!outcome.ok() && !(line.empty() && outcome.status == no_such_property))
        throw Error{Kind::failed,
                    "the cluster does not take the reservations: " + outcome.complaint()};
}

}  // namespace san
