// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_model.hpp"

#include <algorithm>

namespace san::drbd {

namespace {

constexpr std::uint64_t sector = 512;

/// The one that `is`, else `fresh` at the end.
template <class Part, class Is>
Part& found_or_added(std::vector<Part>& parts, const Is& is, Part fresh) {
    const auto found = std::find_if(parts.begin(), parts.end(), is);
    return found != parts.end() ? *found : parts.emplace_back(std::move(fresh));
}

Volume& volume_of(Resource& resource, unsigned number) {
    return found_or_added(
        resource.volumes, [&](const auto& volume) { return volume.number == number; },
        Volume{.number = number});
}

Peer_volume& volume_of(Peer& peer, unsigned number) {
    return found_or_added(
        peer.volumes, [&](const auto& volume) { return volume.volume == number; },
        Peer_volume{.volume = number});
}

/// 8.4 has one peer and no number for it.
int node_id_in(const Notice& notice) {
    return static_cast<int>(notice.context.u32(context::peer_node_id).value_or(0));
}

Peer& peer_of(Resource& resource, int node_id) {
    return found_or_added(
        resource.peers, [&](const auto& peer) { return peer.node_id == node_id; },
        Peer{.node_id = node_id});
}

unsigned number_in(const Notice& notice) { return notice.context.u32(context::volume).value_or(0); }

Address address_in(const Notice& notice, int which) {
    const auto bytes = notice.context.find(which).value_or(Bytes{});
    return {{bytes.begin(), bytes.end()}};
}

bool is_path(const Path& path, const Notice& notice) {
    return path.local == address_in(notice, context::my_addr) &&
           path.peer == address_in(notice, context::peer_addr);
}

void set_resource(Resource& resource, const Attributes& info) {
    constexpr int role = 1, susp = 2, susp_nod = 3, susp_fen = 4, susp_quorum = 5, fail_io = 6;
    resource.role = role_of(info.u32(role).value_or(0));
    resource.suspension = {.user = info.flag(susp),
                           .no_data = info.flag(susp_nod),
                           .fencing = info.flag(susp_fen),
                           .quorum = info.flag(susp_quorum)};
    resource.suspended = resource.suspension.any();
    resource.failing_io = info.flag(fail_io);
}

void set_volume(Volume& volume, const Notice& notice, const Wire& wire) {
    constexpr int disk_state = 1, intentional_diskless = 2, has_quorum = 3, backing = 4, open = 5;
    constexpr int size = 1;
    constexpr std::uint32_t nonsense = 0xff;
    const auto info = notice.attributes.inside(device_info);
    volume.minor = notice.header.minor;
    volume.disk = wire.disk(info.u32(disk_state).value_or(nonsense));
    volume.client = info.flag(intentional_diskless);
    volume.has_quorum = info.flag(has_quorum, true);
    volume.open = info.flag(open);
    volume.backing = info.string(backing);
    volume.size = sector * notice.attributes.inside(device_statistics).u64(size).value_or(0);
}

void set_peer_volume(Peer_volume& volume, const Notice& notice, const Wire& wire) {
    constexpr int replication = 1, disk_state = 2, by_user = 3, by_peer = 4, by_dependency = 5,
                  intentional_diskless = 6, by_max_parallel = 7;
    constexpr int out_of_sync = 5, resync_total = 10, uuid_flags = 24;
    constexpr std::uint32_t nonsense = 0xff;
    constexpr std::uint64_t stable = 1U << 5;
    const auto info = notice.attributes.inside(peer_device_info);
    const auto statistics = notice.attributes.inside(peer_device_statistics);
    const auto is = [&](int reason) { return info.u32(reason).value_or(0) != 0; };
    volume.disk = wire.disk(info.u32(disk_state).value_or(nonsense));
    volume.client = info.flag(intentional_diskless);
    volume.replication = replication_of(info.u32(replication).value_or(0));
    volume.pause = {.user = is(by_user),
                    .peer = is(by_peer),
                    .dependency = is(by_dependency),
                    .max_parallel = is(by_max_parallel)};
    volume.out_of_sync = sector * statistics.u64(out_of_sync).value_or(0);
    volume.resync_total = sector * statistics.u64(resync_total).value_or(0);
    volume.stable = (statistics.u64(uuid_flags).value_or(0) & stable) != 0;
}

}  // namespace

Resource& Model::resource(const std::string& name) {
    return found_or_added(
        resources_, [&](const auto& one) { return one.name == name; }, Resource{.name = name});
}

void Model::set(const Notice& notice) {
    // The end of a snapshot is a message about nothing.
    if (!notice.context.has(context::resource_name)) return;
    const auto name = notice.context.string(context::resource_name);
    switch (notice.command) {
        case get_resources:
        case resource_state:
            set_resource(resource(name), notice.attributes.inside(resource_info));
            break;
        case get_devices:
        case device_state:
            set_volume(volume_of(resource(name), number_in(notice)), notice, *wire_);
            break;
        case get_connections:
        case connection_state:
            set_connection(resource(name), notice);
            break;
        case get_peer_devices:
        case peer_device_state:
            set_peer_volume(
                volume_of(peer_of(resource(name), node_id_in(notice)), number_in(notice)), notice,
                *wire_);
            break;
        case get_paths:
        case path_state:
            set_path(resource(name), notice);
            break;
        default:
            return;
    }
    settle(resource(name));
}

void Model::set_connection(Resource& resource, const Notice& notice) {
    constexpr int state = 1, role = 2;
    auto& peer = peer_of(resource, node_id_in(notice));
    const auto info = notice.attributes.inside(connection_info);
    peer.name = notice.context.string(context::conn_name);
    peer.connection = connection_of(info.u32(state).value_or(0));
    peer.role = role_of(info.u32(role).value_or(0));
    if (auto paths = wire_->paths(notice)) peer.paths = std::move(*paths);
}

void Model::set_path(Resource& resource, const Notice& notice) {
    constexpr int established = 1;
    auto& path = found_or_added(
        peer_of(resource, node_id_in(notice)).paths,
        [&](const Path& one) { return is_path(one, notice); },
        Path{.local = address_in(notice, context::my_addr),
             .peer = address_in(notice, context::peer_addr)});
    path.established = notice.attributes.inside(path_info).flag(established);
}

void Model::remove(const Notice& notice) {
    const auto name = notice.context.string(context::resource_name);
    const auto at = std::find_if(resources_.begin(), resources_.end(),
                                 [&](const Resource& one) { return one.name == name; });
    if (at == resources_.end()) return;
    if (notice.command == resource_state) {
        resources_.erase(at);
        return;
    }
    remove_from(*at, notice);
    settle(*at);
}

void Model::remove_from(Resource& resource, const Notice& notice) {
    const auto id = node_id_in(notice);
    const auto number = number_in(notice);
    if (notice.command == connection_state)
        std::erase_if(resource.peers, [&](const Peer& peer) { return peer.node_id == id; });
    if (notice.command == device_state) {
        std::erase_if(resource.volumes, [&](const Volume& one) { return one.number == number; });
        // 8.4 does not say that of the fixed peer's volumes; 9 has said it before.
        for (auto& peer : resource.peers)
            std::erase_if(peer.volumes,
                          [&](const Peer_volume& one) { return one.volume == number; });
    }
    for (auto& peer : resource.peers) {
        if (peer.node_id != id) continue;
        if (notice.command == peer_device_state)
            std::erase_if(peer.volumes,
                          [&](const Peer_volume& one) { return one.volume == number; });
        if (notice.command == path_state)
            std::erase_if(peer.paths, [&](const Path& path) { return is_path(path, notice); });
    }
}

void Model::rename(const std::string& from, const std::string& to) {
    for (auto& one : resources_)
        if (one.name == from) one.name = to;
}

void Model::settle(Resource& resource) const {
    // What 8.4 does not name in a notification is there all the same: a connection that ended is
    // StandAlone, its volumes Off and DUnknown, as a new snapshot would have it.
    if (wire_->has_fixed_peer()) {
        auto& peer = peer_of(resource, 0);
        for (const auto& volume : resource.volumes) volume_of(peer, volume.number);
    }
    for (auto& volume : resource.volumes) volume.role = wire_->role_of_volume(resource);
}

}  // namespace san::drbd
