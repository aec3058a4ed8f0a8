// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's generic netlink messages, to and from bytes. Nothing here opens a socket, so that captured
// bytes of a real module are its test.
//
// Source: linux/drbd_genl.h, genl_magic_struct.h and linux/drbd.h of 8.4 and 9. Both number their
// commands and attributes alike as far as they are used here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/drbd.hpp"
#include "kernel/drbd_words.hpp"

namespace san::drbd {

/// One or more netlink messages, as they come out of a socket.
using Datagram = std::vector<std::uint8_t>;

/// The generic netlink family "drbd", which exists while the module is loaded.
struct Family {
    std::uint16_t id = 0;
    std::uint8_t version = 0;   ///< sent with every request: 9 refuses others
    unsigned events_group = 0;  ///< multicast group of changes

    Dialect dialect() const { return version >= 2 ? Dialect::v9 : Dialect::v84; }
};

Datagram family_request();
/// Nothing when there is no such family. Errors: failed for a family this cannot speak to.
std::optional<Family> family_in(const Datagram& reply);

/// Asks for the state of everything, frozen per resource.
Datagram snapshot_request(const Family& family);

/// What a snapshot's messages say, together.
class Snapshot {
public:
    explicit Snapshot(const Family& family) : family_{family} {}

    /// Errors  failed when the kernel reports one
    void take(const Datagram& datagram);
    /// The last message has been taken.
    bool complete() const { return complete_; }
    /// Something changed in between: ask again.
    bool interrupted() const { return interrupted_; }
    const std::vector<Resource>& resources() const { return resources_; }

private:
    Family family_;
    std::vector<Resource> resources_{};
    bool complete_ = false;
    bool interrupted_ = false;
};

// Requests for a change of state. 8.4 changes the role of a volume, 9 that of a resource.
std::vector<Datagram> promote_requests(const Family& family, const Resource& resource);
std::vector<Datagram> demote_requests(const Family& family, const Resource& resource);
Datagram down_request(const Family& family, const std::string& resource);

/// The answer to a change of state, which ends with an acknowledgement.
class Reply {
public:
    explicit Reply(const Family& family) : family_{family} {}

    /// Errors  not_permitted or failed when the kernel refuses the message as such
    void take(const Datagram& datagram);
    bool complete() const { return complete_; }
    /// The code, and its texts or their lack.
    Answer answer() const;

private:
    Family family_;
    Answer answer_{};
    bool complete_ = false;
};

}  // namespace san::drbd
