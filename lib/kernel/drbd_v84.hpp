// SPDX-License-Identifier: GPL-2.0-or-later
// Version 1 of DRBD's family, module 8.4: roles belong to volumes, and a resource has one peer that
// goes by its address.
#pragma once

#include "kernel/drbd_wire.hpp"

namespace san::drbd {

class Wire_v84 : public Wire {
public:
    std::vector<Datagram> promote(const Family&, const Resource&) const override;
    std::vector<Datagram> demote(const Family&, const Resource&, bool by_force) const override;
    std::vector<Datagram> disconnect(const Family&, const Resource&, const Peer&,
                                     bool by_force) const override;
    Datagram fail_instead_of_suspending(const Family&, const std::string& name) const override;

    Disk disk(std::uint32_t number) const override { return disk_of(Dialect::v84, number); }
    bool has_fixed_peer() const override { return true; }
    std::optional<std::vector<Path>> paths(const Notice& connection) const override;
    void read_settings(Settings& settings, const Notice& object) const override;
    Role role_of_volume(const Resource& resource) const override;
};

/// Asks for the role of one volume, which no other message of 8.4 tells.
Datagram status_request(const Family& family, std::uint32_t minor);

}  // namespace san::drbd
