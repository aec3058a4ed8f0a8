// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_notice.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

using Variables = Replica_notice::Variables;
using Volume = Replica_notice::Volume;

std::string value(const Variables& of, const std::string& name) {
    const auto found = of.find(name);
    if (found == of.end()) return {};
    auto text = std::string{text::trimmed(found->second)};
    // It goes into a letter, the log and an attribute.
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }, '?');
    return text;
}

std::string first_of(const Variables& of, std::initializer_list<std::string> names) {
    for (const auto& name : names)
        if (auto found = value(of, name); !found.empty()) return found;
    return {};
}

bool is_number(const std::string& text) { return text::number<unsigned>(text).has_value(); }

std::string at(const std::vector<std::string>& list, std::size_t index) {
    return index < list.size() ? list[index] : std::string{};
}

std::vector<Volume> volumes_of(const Variables& of) {
    std::vector<Volume> volumes;
    const auto numbers = text::words(value(of, "DRBD_VOLUME"));
    const auto minors = text::words(value(of, "DRBD_MINOR"));
    const auto disks = text::words(first_of(of, {"DRBD_BACKING_DEV", "DRBD_LL_DISK"}));
    const auto count = std::max(numbers.size(), minors.size());
    for (std::size_t i = 0; i < count; ++i)
        volumes.push_back({at(numbers, i), at(minors, i), at(disks, i)});
    if (!volumes.empty()) return volumes;
    // What 9 tells about all volumes of a connection: DRBD_MINOR_0=1, DRBD_BACKING_DEV_0=...
    const std::string mark = "DRBD_MINOR_";
    for (auto entry = of.lower_bound(mark); entry != of.end() && entry->first.starts_with(mark);
         ++entry) {
        const auto number = entry->first.substr(mark.size());
        if (is_number(number))
            volumes.push_back(
                {number, value(of, entry->first), value(of, "DRBD_BACKING_DEV_" + number)});
    }
    return volumes;
}

std::string peer_of(const Variables& of) {
    const auto id = value(of, "DRBD_PEER_NODE_ID");
    if (is_number(id)) {
        const auto names = text::words(value(of, "DRBD_NODE_ID_" + id));
        return names.empty() ? "node " + id : text::joined(names, ", ");
    }
    return first_of(of, {"DRBD_PEERS", "DRBD_PEER", "DRBD_PEER_ADDRESS"});
}

}  // namespace

Replica_notice Replica_notice::parse(const Replica_event& event, const Variables& variables) {
    const auto name = value(variables, "DRBD_RESOURCE");
    if (name.empty())
        throw Error{Kind::misconfigured,
                    "DRBD_RESOURCE=\"\": expected the name of a resource, as drbdadm sets it"};
    const auto file = value(variables, "DRBD_CONF");
    return {.event = &event,
            .resource = Replica_name::parse(name),
            .volumes = volumes_of(variables),
            .peer = peer_of(variables),
            .connection = value(variables, "DRBD_CSTATE"),
            .configuration = file.empty() ? "/etc/drbd.conf" : file};
}

std::string Replica_notice::place() const {
    auto place = resource.to_text();
    std::vector<std::string> parts;
    for (const auto& [number, minor, disk] : volumes)
        parts.push_back((number.empty() ? "" : "volume " + number + " ") + "(drbd" + minor + ")");
    if (!parts.empty()) place += " " + text::joined(parts, ", ");
    return place;
}

std::string Replica_notice::alarm() const {
    auto text = std::string{event->name};
    if (!event->link.empty() && !peer.empty()) text += std::string{event->link} + peer;
    if (event->link.empty() && volumes.size() == 1 && !volumes.front().number.empty())
        text += " of volume " + volumes.front().number;
    return text;
}

std::string Replica_notice::log_line() const {
    auto line = std::string{event->name} + ": DRBD resource " + place() + ": " +
                std::string{event->headline};
    if (!event->link.empty() && !peer.empty()) line += std::string{event->link} + peer;
    if (!connection.empty()) line += " (" + connection + ")";
    return line;
}

std::string Replica_notice::subject(const std::string& host) const {
    auto text = "DRBD " + resource.to_text() + " on " + host + ": " + std::string{event->headline};
    if (!event->link.empty() && !peer.empty()) text += std::string{event->link} + peer;
    return text;
}

std::string Replica_notice::filled(std::string_view text, const std::string& host) const {
    const std::map<std::string, std::string> words{{"{resource}", resource.to_text()},
                                                   {"{peer}", peer.empty() ? "the peer" : peer},
                                                   {"{host}", host},
                                                   {"{configuration}", configuration}};
    std::string result{text};
    for (const auto& [word, replacement] : words)
        for (auto found = result.find(word); found != std::string::npos;
             found = result.find(word, found + replacement.size()))
            result.replace(found, word.size(), replacement);
    return result;
}

std::string Replica_notice::letter(const std::string& host, const std::string& when,
                                   const std::string& picture) const {
    std::string text = subject(host) + "\n\n" + filled(event->story, host);
    text += "\nWhen:      " + when + "\nHost:      " + host + "\nResource:  " + resource.to_text() +
            "\n";
    for (const auto& [number, minor, disk] : volumes)
        text += "Volume:    " + (number.empty() ? std::string{"?"} : number) +
                (minor.empty() ? "" : ", /dev/drbd" + minor) +
                (disk.empty() ? "" : ", on " + disk) + "\n";
    text += "Peer:      " + (peer.empty() ? std::string{"not told"} : peer) + "\n";
    if (!connection.empty()) text += "Connection: " + connection + "\n";
    text += "\nDRBD's state on " + host + " just after:\n\n" + picture;
    text += "\nWhat to do\n\n" + filled(event->advice, host);
    text +=
        "\nThe node attribute san-drbd-" + resource.to_text() + " shows this alarm (crm_mon -A).\n";
    return text;
}

}  // namespace san
