// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD as its kernel module shows it: one model over the dialects of 8.4 and 9.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "base/deadline.hpp"

namespace san::drbd {

/// DRBD's own words; the numbers behind them differ between 8.4 and 9 and stay in the wire layer.
enum class Role { unknown, primary, secondary };
enum class Disk {
    diskless,
    attaching,
    detaching,
    failed,
    negotiating,
    inconsistent,
    outdated,
    unknown,
    consistent,
    up_to_date
};
enum class Connection {
    stand_alone,
    disconnecting,
    unconnected,
    timeout,
    broken_pipe,
    network_failure,
    protocol_error,
    tear_down,
    connecting,
    connected
};

struct Peer_volume {
    unsigned volume = 0;
    Disk disk = Disk::unknown;
    std::string replication = "Off";  ///< DRBD's word: "Established", "SyncTarget", ...
    friend bool operator==(const Peer_volume&, const Peer_volume&) = default;
};

struct Peer {
    int node_id = 0;     ///< 0 on 8.4, which has one peer
    std::string name{};  ///< empty on 8.4
    Connection connection = Connection::stand_alone;
    Role role = Role::unknown;
    std::vector<Peer_volume> volumes{};
    friend bool operator==(const Peer&, const Peer&) = default;
};

struct Volume {
    unsigned number = 0;
    unsigned minor = 0;
    Disk disk = Disk::diskless;
    bool client = false;     ///< diskless on purpose (9)
    bool has_quorum = true;  ///< always on 8.4
    friend bool operator==(const Volume&, const Volume&) = default;
};

struct Resource {
    std::string name;
    Role role = Role::unknown;  ///< on 8.4 the highest role of the volumes
    bool suspended = false;     ///< for any reason
    std::vector<Volume> volumes{};
    std::vector<Peer> peers{};  ///< on 8.4 empty while StandAlone
    friend bool operator==(const Resource&, const Resource&) = default;
};

/// The kernel's answer to a state change.
struct Answer {
    int code = 0;      ///< SS_* (1 to 4 success, 0 and below failure) or ERR_* (101 success)
    std::string text;  ///< its info texts, one per line, else a name for the code
    bool ok() const { return (code >= 1 && code <= 4) || code == 101; }
};

class Kernel {
public:
    virtual ~Kernel() = default;

    /// Whether the module is loaded. It is never loaded from here.
    virtual bool loaded() = 0;
    virtual std::optional<Resource> find(const std::string& resource) = 0;

    // State changes of one resource. On 8.4 a role belongs to a volume: all are changed in turn.
    // Errors: failed when the kernel did not answer before the deadline.
    virtual Answer promote(const Resource& resource, const Deadline& deadline) = 0;
    virtual Answer demote(const Resource& resource, const Deadline& deadline) = 0;
    /// Closes connections without waiting for a peer that does not answer.
    virtual Answer disconnect(const Resource& resource, bool force, const Deadline& deadline) = 0;
    /// Demotes, disconnects, detaches and removes the whole resource.
    virtual Answer down(const std::string& resource, const Deadline& deadline) = 0;
};

/// Over generic netlink.
std::unique_ptr<Kernel> make_kernel();

}  // namespace san::drbd
