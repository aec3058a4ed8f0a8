// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD as its kernel module shows it: one model over the dialects of 8.4 and 9.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

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
    bool client = false;              ///< diskless on purpose (9)
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
    bool failing_io = false;  ///< forced to be Secondary while open: all its I/O fails (9)
    std::vector<Peer> peers{};
    friend bool operator==(const Resource&, const Resource&) = default;
};

/// The answer to a change that was not needed; SS_NOTHING_TO_DO.
inline constexpr int nothing_to_do = 2;

/// The kernel's answer to a state change.
struct Answer {
    int code = 0;      ///< SS_* (1 to 4 success, 0 and below failure) or ERR_* (101 success)
    std::string text;  ///< its info texts, one per line, else a name for the code
    bool ok() const { return (code >= 1 && code <= 4) || code == 101; }
};

/// The kernel's events, from the moment this is made: a change after that is not missed.
class Watch {
public:
    virtual ~Watch() = default;
    /// Waits until any resource changes. Returns false when the deadline passed first.
    virtual bool wait(const Deadline& deadline) = 0;
};

class Kernel {
public:
    virtual ~Kernel() = default;

    /// Whether the module is loaded. It is never loaded from here.
    virtual bool loaded() = 0;
    /// One consistent look; nothing when the resource, or the module, is not there.
    virtual std::optional<Resource> find(const std::string& resource) = 0;
    /// One look at every resource; none when the module is not there.
    virtual std::vector<Resource> all() = 0;
    /// Errors  failed when the module is not loaded
    virtual std::unique_ptr<Watch> watch() = 0;
    /// As watch, with the coming and going of the module among the events; it need not be loaded.
    /// After its coming, another watch has to be made to see its events.
    virtual std::unique_ptr<Watch> watch_always() = 0;

    // State changes of one resource. Each blocks as long as the kernel takes, which can include a
    // handler that fences a peer: run them in Bounded. On 8.4 a role belongs to a volume, and all
    // volumes are changed in turn. Errors: failed when the kernel gives no answer.
    virtual Answer promote(const Resource& resource) = 0;
    virtual Answer demote(const Resource& resource) = 0;
    /// Demotes, disconnects, detaches and removes the whole resource.
    virtual Answer down(const std::string& resource) = 0;
};

/// Over generic netlink.
std::unique_ptr<Kernel> make_kernel();

}  // namespace san::drbd
