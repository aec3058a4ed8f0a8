// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tickle_list.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"

namespace san::tickle_list {

namespace {

// One can be lost, and neighbours answer such packets twice a second at most
// (net.ipv4.tcp_invalid_ratelimit).
constexpr int packets = 3;

std::string end_text(const Ip& ip, std::uint16_t port) {
    const auto address = ip.to_text();
    return (ip.family() == Family::ipv6 ? "[" + address + "]" : address) + ":" +
           std::to_string(port);
}

struct End {
    Ip ip;
    std::uint16_t port = 0;
};

std::optional<End> find_end(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return {};
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    const auto ip = Ip::find(address);
    const auto port = text::number<std::uint16_t>(text.substr(colon + 1));
    if (!ip || !port) return {};
    return End{*ip, *port};
}

bool is_for(const Port_block& door, const Connection& connection) {
    return door.network.contains(connection.local) &&
           (door.network.is_one_address() || door.ports.contains(connection.local_port));
}

}  // namespace

std::string to_text(const std::vector<Connection>& connections) {
    std::string lines;
    for (const auto& one : connections)
        lines += end_text(one.local, one.local_port) + "\t" +
                 end_text(one.remote, one.remote_port) + "\n";
    return lines;
}

std::vector<Connection> parse(std::string_view text) {
    std::vector<Connection> connections;
    const auto words = text::words(text);
    for (std::size_t at = 0; at + 1 < words.size(); at += 2) {
        const auto local = find_end(words[at]);
        const auto remote = find_end(words[at + 1]);
        if (local && remote && local->ip.family() == remote->ip.family())
            connections.push_back({local->ip, local->port, remote->ip, remote->port});
    }
    return connections;
}

std::filesystem::path file(const std::filesystem::path& directory, const Port_block& door) {
    auto name = door.network.to_text();
    std::replace(name.begin(), name.end(), '/', '_');
    return directory / name;
}

void save(const std::filesystem::path& file, const Port_block& door, System& node) {
    // Not to be made here: what is to be mounted there is not, and would hide the list.
    if (!node.files.is_directory(file.parent_path()))
        throw Error{Kind::failed, file.parent_path().string() + " is not there"};
    auto connections = node.connections.established(door.network);
    std::erase_if(connections, [&](const Connection& one) { return !is_for(door, one); });
    const auto lines = to_text(connections);
    // A disk, and perhaps a network, lies below: nothing is written that is there.
    if (node.files.find(file) != lines) node.files.replace_durably(file, lines);
}

void tickle(const std::filesystem::path& file, const Port_block& door, System& node) {
    std::size_t told = 0;
    try {
        for (const auto& connection : parse(node.files.find(file).value_or(""))) {
            if (!is_for(door, connection)) continue;
            for (int packet = 0; packet < packets; ++packet) node.connections.tickle(connection);
            ++told;
        }
    } catch (const Error& problem) {
        log::warning("clients reconnect when they notice: ", problem.what());
    }
    if (told > 0) log::info("told ", told, " clients to connect anew");
}

}  // namespace san::tickle_list
