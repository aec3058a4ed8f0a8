// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_v84.hpp"

#include "base/error.hpp"

namespace san::drbd {

namespace {

constexpr auto no_minor = User_header{}.minor;

/// A request about a volume, which its minor names; the context has to be there all the same.
Writer about_volume(const Family& family, Command command, std::uint32_t minor) {
    auto writer = request_of(family, command, NLM_F_ACK, minor);
    writer.nest(cfg_context, [](Writer&) {});
    return writer;
}

}  // namespace

std::vector<Datagram> Wire_v84::promote(const Family& family, const Resource& resource) const {
    std::vector<Datagram> requests;
    for (const auto& volume : resource.volumes) {
        auto writer = about_volume(family, primary, volume.minor);
        writer.nest(set_role_parms, [](Writer& nest) {
            constexpr int assume_uptodate = 1;
            nest.u8(assume_uptodate, 0);
        });
        requests.push_back(writer.bytes());
    }
    return requests;
}

std::vector<Datagram> Wire_v84::demote(const Family& family, const Resource& resource,
                                       bool by_force) const {
    if (by_force)
        throw Error{Kind::failed, "DRBD 8.4 cannot demote " + resource.name + " by force"};
    std::vector<Datagram> requests;
    for (const auto& volume : resource.volumes)
        requests.push_back(about_volume(family, secondary, volume.minor).bytes());
    return requests;
}

std::vector<Datagram> Wire_v84::disconnect(const Family& family, const Resource&, const Peer& peer,
                                           bool by_force) const {
    // Without an address it is StandAlone already: there is nothing that could be named.
    if (peer.paths.empty()) return {};
    const auto& path = peer.paths.front();
    auto writer = request_of(family, Command::disconnect, NLM_F_ACK, no_minor);
    // No name beside them: "no resource name expected" (drbd_nl.c, 8.4.11).
    writer.nest(cfg_context, [&](Writer& nest) {
        nest.attribute(context::my_addr, path.local.bytes.data(), path.local.bytes.size());
        nest.attribute(context::peer_addr, path.peer.bytes.data(), path.peer.bytes.size());
    });
    constexpr int force = 1;
    if (by_force) writer.nest(disconnect_parms, [](Writer& nest) { nest.u8(force, 1); });
    return {writer.bytes()};
}

Datagram Wire_v84::fail_instead_of_suspending(const Family& family, const std::string& name) const {
    auto writer = request_of(family, resource_opts, NLM_F_ACK, no_minor);
    put_resource(writer, name);
    constexpr int on_no_data = 2;
    constexpr std::uint32_t io_error = 0;
    writer.nest(res_opts, [](Writer& nest) { nest.u32(on_no_data, io_error); });
    return writer.bytes();
}

std::optional<std::vector<Path>> Wire_v84::paths(const Notice& connection) const {
    const auto local = connection.context.find(context::my_addr);
    const auto peer = connection.context.find(context::peer_addr);
    if (!local || !peer) return std::vector<Path>{};
    constexpr int state = 1;
    const auto number = connection.attributes.inside(connection_info).u32(state).value_or(0);
    return std::vector<Path>{{.local = {{local->begin(), local->end()}},
                              .peer = {{peer->begin(), peer->end()}},
                              .established = connection_of(number) == Connection::connected}};
}

void Wire_v84::read_settings(Settings& settings, const Notice& object) const {
    const auto volume = object.context.u32(context::volume);
    if (object.command == get_resources) {
        constexpr int on_no_data = 2;
        settings.suspends_without_data =
            object.attributes.inside(res_opts).u32(on_no_data).value_or(0) == 1;
    } else if (object.command == get_devices && volume && object.attributes.has(disk_conf)) {
        // A volume without a disk has no such configuration.
        constexpr int backing_dev = 1, fencing = 7;
        const auto conf = object.attributes.inside(disk_conf);
        settings.backing[*volume] = conf.string(backing_dev);
        weaken(settings.fencing, conf.u32(fencing).value_or(0));
    } else if (object.command == get_connections) {
        constexpr int two_primaries = 24;
        settings.two_primaries |= object.attributes.inside(net_conf).flag(two_primaries);
    }
}

Role Wire_v84::role_of_volume(const Resource& resource) const {
    // It is the highest of all volumes.
    return resource.role == Role::primary && resource.volumes.size() > 1 ? Role::unknown
                                                                         : resource.role;
}

Datagram status_request(const Family& family, std::uint32_t minor) {
    return about_volume(family, get_status, minor).bytes();
}

const Wire& wire_v84() {
    static const Wire_v84 wire;
    return wire;
}

}  // namespace san::drbd
