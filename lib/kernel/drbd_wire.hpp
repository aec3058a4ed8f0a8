// SPDX-License-Identifier: GPL-2.0-or-later
// What the dialects of DRBD's family put differently: one class each, one object of each.
#pragma once

#include <vector>

#include "kernel/drbd.hpp"
#include "kernel/drbd_family.hpp"
#include "kernel/drbd_numbers.hpp"

namespace san::drbd {

/// A message of the family, apart from its netlink header.
struct Notice {
    Command command{};
    User_header header{};
    Attributes attributes{};
    Attributes context{};  ///< what it is about

    /// Nothing when the message is of another family, or too short.
    static std::optional<Notice> in(const Message& message, const Family& family);
};

class Wire {
public:
    virtual ~Wire() = default;

    // Requests, each with what all kernels of the dialect accept and nothing more. None when there
    // is nothing to ask. Errors: failed for what the dialect cannot say.
    virtual std::vector<Datagram> promote(const Family&, const Resource&) const = 0;
    virtual std::vector<Datagram> demote(const Family&, const Resource&, bool by_force) const = 0;
    virtual std::vector<Datagram> disconnect(const Family&, const Resource&, const Peer&,
                                             bool by_force) const = 0;
    virtual Datagram fail_instead_of_suspending(const Family&, const std::string& name) const = 0;

    // Reading.
    virtual Disk disk(std::uint32_t number) const = 0;
    /// Every resource has one peer from its first moment to its last, with all its volumes.
    virtual bool has_fixed_peer() const = 0;
    /// The paths that a message about a connection tells of, if it does.
    virtual std::optional<std::vector<Path>> paths(const Notice& connection) const = 0;
    /// The weaker of what was known and what this object of a dump says.
    virtual void read_settings(Settings& settings, const Notice& object) const = 0;
    /// What a volume's role is as far as the state of the whole resource tells.
    virtual Role role_of_volume(const Resource& resource) const = 0;
};

const Wire& wire_of(Dialect dialect);

// One for each file.
const Wire& wire_v84();
const Wire& wire_strict_v84();
const Wire& wire_v9();

// What they have in common.

/// A request as far as its header.
Writer request_of(const Family& family, Command command, unsigned flags, std::uint32_t minor);
void put_resource(Writer& writer, const std::string& name);
/// Another form of drbd.conf's word, for a setting of which the weakest counts.
void weaken(std::optional<Fencing>& known, std::uint32_t number);

}  // namespace san::drbd
