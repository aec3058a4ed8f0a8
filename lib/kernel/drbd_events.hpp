// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's events as changes of the model: bytes in, resources out.
//
//   join the group, ask for a snapshot -> its messages and notifications arrive mixed
//   the snapshot's end -> the notifications that came meanwhile, by number, then each as it comes
//
// A notification carries the whole state of its part. One that is older than what is known of the
// part, or of what it belongs to, is passed over: the kernel numbers them before it sends them, and
// may send two in the other order (drbd_nl.c).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernel/drbd.hpp"
#include "kernel/drbd_family.hpp"
#include "kernel/drbd_model.hpp"

namespace san::drbd {

class Event_stream {
public:
    explicit Event_stream(const Family& family) : family_{family} {}

    /// Errors  failed when the kernel reports one instead of its state
    void take(const Datagram& datagram);

    /// The snapshot has been read: the resources are those of the kernel.
    bool ready() const { return ready_; }
    /// No more notifications belong to the change that was last told of.
    bool settled() const { return !continued_; }
    /// What was told does not add up to a state: a new snapshot has to be asked for, with a new
    /// stream.
    bool lost() const { return lost_; }
    /// The module is gone, and all resources with it.
    bool unloaded() const { return unloaded_; }
    /// Somebody else knows that it is.
    void unload();
    const std::vector<Resource>& resources() const { return model_.resources(); }
    /// Those since this was last asked for.
    std::vector<Helper_call> helper_calls() { return std::exchange(helper_calls_, {}); }

private:
    /// Resource, node id of the peer, volume, path: as much of it as the part has.
    using Key = std::tuple<std::string, std::int64_t, std::int64_t, std::string>;

    void take_family(const Message& message);
    void take_notification(std::uint32_t number, const Notice& notice);
    void apply(std::uint32_t number, const Notice& notice);
    void rename(std::uint32_t number, const Notice& notice);
    void end_snapshot();
    bool is_stale(std::uint32_t number, const Notice& notice) const;
    void remember(std::uint32_t number, const Key& key);
    static Key key_of(const Notice& notice);

    /// A notification that came during the snapshot, by value.
    struct Waiting {
        std::uint32_t number;
        Datagram bytes;
    };

    Family family_;
    Model model_{wire_of(family_.dialect())};
    std::vector<Waiting> waiting_{};
    std::map<Key, std::uint32_t> numbers_{};            ///< the last that was told of a part
    std::map<std::string, std::uint32_t> old_names_{};  ///< of renamed resources, and since when
    std::vector<Helper_call> helper_calls_{};
    bool ready_ = false, continued_ = false, lost_ = false, unloaded_ = false;
};

}  // namespace san::drbd
