// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD as its kernel module shows it: one model over the dialects of 8.4 and 9.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "kernel/drbd_settings.hpp"

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

/// One end of a path, as the kernel keeps it: a socket address.
struct Address {
    std::vector<std::uint8_t> bytes{};
    /// "ipv4:10.0.0.1:7788", "ipv6:[fd00::1]:7788".
    std::string to_text() const;
    friend bool operator==(const Address&, const Address&) = default;
};

struct Path {
    Address local{};
    Address peer{};
    bool established = false;  ///< on 8.4: connected
    friend bool operator==(const Path&, const Path&) = default;
};

/// Why a resynchronisation waits.
struct Resync_pause {
    bool user = false;
    bool peer = false;          ///< by the other side
    bool dependency = false;    ///< another resource's comes first
    bool max_parallel = false;  ///< too many at once (9)
    bool any() const { return user || peer || dependency || max_parallel; }
    friend bool operator==(const Resync_pause&, const Resync_pause&) = default;
};

struct Peer_volume {
    unsigned volume = 0;
    Disk disk = Disk::unknown;
    bool client = false;              ///< diskless on purpose (9)
    std::string replication = "Off";  ///< DRBD's word: "Established", "SyncTarget", ...
    Resync_pause pause{};
    std::uint64_t out_of_sync = 0;   ///< bytes
    std::uint64_t resync_total = 0;  ///< bytes of the resync or verification that runs (9)
    bool stable = false;             ///< no Primary was changing its data when it last told (9)
    friend bool operator==(const Peer_volume&, const Peer_volume&) = default;
};

struct Peer {
    int node_id = 0;     ///< 0 on 8.4, which has one peer
    std::string name{};  ///< empty on 8.4
    Connection connection = Connection::stand_alone;
    Role role = Role::unknown;
    std::vector<Peer_volume> volumes{};
    std::vector<Path> paths{};  ///< on 8.4 one, and none while StandAlone
    friend bool operator==(const Peer&, const Peer&) = default;
};

struct Volume {
    unsigned number = 0;
    unsigned minor = 0;
    Disk disk = Disk::diskless;
    bool client = false;     ///< diskless on purpose (9)
    bool has_quorum = true;  ///< always on 8.4
    /// On 9 that of the resource; unknown where 8.4 does not tell (an event of several volumes).
    Role role = Role::unknown;
    bool open = false;       ///< some process has it open (9)
    std::string backing{};   ///< the device below (9; on 8.4 among the settings)
    std::uint64_t size = 0;  ///< bytes
    friend bool operator==(const Volume&, const Volume&) = default;
};

/// Why the I/O of a resource waits.
struct Suspension {
    bool user = false;
    bool no_data = false;  ///< no good data can be reached
    bool fencing = false;  ///< until the peer is known to be fenced
    bool quorum = false;   ///< until there is quorum again (9)
    bool any() const { return user || no_data || fencing || quorum; }
    friend bool operator==(const Suspension&, const Suspension&) = default;
};

struct Resource {
    std::string name;
    Role role = Role::unknown;  ///< on 8.4 the highest role of the volumes
    bool suspended = false;     ///< for any reason
    Suspension suspension{};    ///< for which
    std::vector<Volume> volumes{};
    bool failing_io = false;  ///< forced to be Secondary while open: all its I/O fails (9)
    std::vector<Peer> peers{};
    friend bool operator==(const Resource&, const Resource&) = default;
};

/// The answer to a change that was not needed; SS_NOTHING_TO_DO.
inline constexpr int nothing_to_do = 2;
/// The answer about a name that no resource has; ERR_RES_NOT_KNOWN.
inline constexpr int unknown_resource = 158;

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

/// A handler of drbd.conf(5) that the kernel calls, or that has returned.
struct Helper_call {
    std::string resource;
    std::optional<unsigned> volume{};  ///< nothing when it is about the whole resource
    std::optional<int> peer{};         ///< its node id (9)
    std::string name;                  ///< "fence-peer"
    std::optional<int> exit_code{};    ///< once it has returned
    friend bool operator==(const Helper_call&, const Helper_call&) = default;
};

/// All resources, kept up to date by the kernel's events from the moment this is made.
class Listener {
public:
    virtual ~Listener() = default;

    /// Waits for a change, and takes all that is there. Returns false when the deadline passed
    /// first. After lost events the state is read anew, which counts as a change.
    virtual bool wait(const Deadline& deadline) = 0;
    /// In no order. Empty when the module has been unloaded.
    virtual const std::vector<Resource>& resources() const = 0;
    /// The handlers' calls and returns since this was last asked for.
    virtual std::vector<Helper_call> helper_calls() = 0;
    /// The module has been unloaded: nothing more will come.
    virtual bool unloaded() const = 0;
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

    // What not every kernel can. Errors: failed where it cannot, beside those named.

    /// How the resource is configured now; nothing when it, or the module, is not there.
    virtual std::optional<Settings> settings(const std::string& resource);
    /// Errors  failed when the module is not loaded
    virtual std::unique_ptr<Listener> listen();
    /// Demotes although somebody has it open, whose I/O fails from then on (9.1).
    virtual Answer demote_by_force(const Resource& resource);
    /// Marks the data of all volumes Outdated. Errors: failed while a peer is connected, because 9
    /// would believe it and go on replicating.
    virtual Answer outdate(const Resource& resource);
    /// Ends the connection, until somebody connects it again. By force does not wait for the peer.
    virtual Answer disconnect(const Resource& resource, const Peer& peer, bool by_force);
    /// Fails I/O from now on, instead of suspending it, when there is no data or no quorum.
    virtual Answer fail_instead_of_suspending(const std::string& resource);
};

/// Over generic netlink.
std::unique_ptr<Kernel> make_kernel();

}  // namespace san::drbd
