// SPDX-License-Identifier: GPL-2.0-or-later
// A conversation with DRBD's module: over a generic netlink socket, or in a test with captures.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/deadline.hpp"
#include "kernel/drbd.hpp"
#include "kernel/drbd_family.hpp"

namespace san::drbd {

class Channel {
public:
    virtual ~Channel() = default;

    /// Joins a multicast group; what comes after that is received.
    virtual void join(unsigned group) = 0;
    virtual void send(const Datagram& request) = 0;
    /// Nothing when the deadline passed. Errors: failed, with ENOBUFS when messages were lost
    virtual std::optional<Datagram> receive(const Deadline& deadline) = 0;

    /// What is there already, or the rest of a dump. Errors: failed when nothing comes
    Datagram must_receive();
};

using Open_channel = std::function<std::unique_ptr<Channel>()>;

/// Over netlink(7).
std::unique_ptr<Channel> open_socket();

/// The family of the loaded module; nothing when none is loaded. Errors: not_installed for one that
/// this cannot speak to
std::optional<Family> find_family(Channel& channel);
/// Errors  failed when no module is loaded
Family must_find_family(Channel& channel);

/// Of which events are told: those of a module that is there, or also its coming and going.
enum class Events { of_module, and_module_itself };

// Those who wait for DRBD's events: for any of them, or with what they say. Errors: failed when the
// module is not loaded, unless its coming is what is waited for.
std::unique_ptr<Watch> make_watch(const Open_channel& open, Events events);
std::unique_ptr<Listener> make_listener(const Open_channel& open);

std::unique_ptr<Kernel> make_kernel(const Open_channel& open);

}  // namespace san::drbd
