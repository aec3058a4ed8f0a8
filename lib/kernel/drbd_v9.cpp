// SPDX-License-Identifier: GPL-2.0-or-later
// Version 2 of DRBD's family, module 9: a role belongs to a resource, peers have node ids, paths
// are objects of their own.
#include <algorithm>

#include "kernel/drbd_wire.hpp"

namespace san::drbd {

namespace {

constexpr auto no_minor = User_header{}.minor;

class Wire_v9 final : public Wire {
public:
    std::vector<Datagram> promote(const Family& family, const Resource& resource) const override {
        return {role_request(family, primary, resource, false)};
    }

    std::vector<Datagram> demote(const Family& family, const Resource& resource,
                                 bool by_force) const override {
        return {role_request(family, secondary, resource, by_force)};
    }

    std::vector<Datagram> disconnect(const Family& family, const Resource& resource,
                                     const Peer& peer, bool by_force) const override {
        auto writer = request_of(family, Command::disconnect, NLM_F_ACK, no_minor);
        writer.nest(cfg_context, [&](Writer& nest) {
            nest.string(context::resource_name, resource.name);
            nest.u32(context::peer_node_id, static_cast<std::uint32_t>(peer.node_id));
        });
        constexpr int force = 1;
        if (by_force) writer.nest(disconnect_parms, [](Writer& nest) { nest.u8(force, 1); });
        return {writer.bytes()};
    }

    Datagram fail_instead_of_suspending(const Family& family,
                                        const std::string& name) const override {
        auto writer = request_of(family, resource_opts, NLM_F_ACK, no_minor);
        put_resource(writer, name);
        constexpr std::uint32_t io_error = 0;
        writer.nest(res_opts, [](Writer& nest) {
            nest.u32(on_no_data, io_error);
            nest.u32(on_no_quorum, io_error);
        });
        return writer.bytes();
    }

    Disk disk(std::uint32_t number) const override { return disk_of(Dialect::v9, number); }
    bool has_fixed_peer() const override { return false; }
    std::optional<std::vector<Path>> paths(const Notice&) const override { return {}; }

    void read_settings(Settings& settings, const Notice& object) const override {
        if (object.command == get_resources) {
            const auto options = object.attributes.inside(res_opts);
            settings.quorum = options.u32(quorum).value_or(0) != 0;
            settings.suspends_without_quorum = options.u32(on_no_quorum).value_or(1) == 1;
            settings.suspends_without_data = options.u32(on_no_data).value_or(0) == 1;
            settings.auto_promote = options.flag(auto_promote, true);
        } else if (object.command == get_devices) {
            constexpr int backing_dev = 1;
            const auto volume = object.context.u32(context::volume);
            if (volume && object.attributes.has(disk_conf))
                settings.backing[*volume] = object.attributes.inside(disk_conf).string(backing_dev);
        } else if (object.command == get_connections) {
            constexpr int two_primaries = 24, fencing_policy = 30;
            const auto conf = object.attributes.inside(net_conf);
            weaken(settings.fencing, conf.u32(fencing_policy).value_or(0));
            settings.two_primaries |= conf.flag(two_primaries);
        }
    }

    Role role_of_volume(const Resource& resource) const override { return resource.role; }

private:
    static constexpr int on_no_data = 2, auto_promote = 3, quorum = 11, on_no_quorum = 12;

    static Datagram role_request(const Family& family, Command command, const Resource& resource,
                                 bool by_force) {
        auto writer = request_of(family, command, NLM_F_ACK, no_minor);
        put_resource(writer, resource.name);
        constexpr int force = 1;
        writer.nest(set_role_parms, [&](Writer& nest) { nest.u8(force, by_force ? 1 : 0); });
        return writer.bytes();
    }
};

}  // namespace

const Wire& wire_v9() {
    static const Wire_v9 wire;
    return wire;
}

}  // namespace san::drbd
