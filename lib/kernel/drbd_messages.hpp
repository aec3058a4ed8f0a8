// SPDX-License-Identifier: GPL-2.0-or-later
// Conversations with DRBD's module, to and from bytes. Nothing here opens a socket, so that
// captured bytes of a real module are its test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/drbd.hpp"
#include "kernel/drbd_family.hpp"
#include "kernel/drbd_model.hpp"

namespace san::drbd {

/// Asks for the state of everything, frozen per resource.
Datagram snapshot_request(const Family& family);

/// The whole answer to a dump: of everything (38), or of one kind of object (30 to 33, 50).
class Dump {
public:
    /// Errors  failed when the kernel reports one, also in the place of an object: a dump that is
    ///         restricted to an unknown resource repeats that for ever
    template <class Take>
    void take(const Datagram& datagram, const Family& family, const Take& take_object);
    /// The last message has been taken.
    bool complete() const { return complete_; }
    /// Something changed in between: ask again.
    bool interrupted() const { return interrupted_; }

private:
    void check(const Message& message);
    void check(const Notice& notice);
    bool complete_ = false;
    bool interrupted_ = false;
};

template <class Take>
void Dump::take(const Datagram& datagram, const Family& family, const Take& take_object) {
    each_message(datagram, [&](const Message& message) {
        check(message);
        const auto notice = Notice::in(message, family);
        if (!notice) return;
        check(*notice);
        if (!interrupted_) take_object(*notice);
    });
}

/// What a snapshot's messages say, together; or those of several dumps.
class Snapshot {
public:
    /// Of one resource, or of all. The kernel sends it of all in either case: it knows no filter
    /// here.
    explicit Snapshot(const Family& family, std::optional<std::string> only = {})
        : family_{family}, only_{std::move(only)} {}

    /// Errors  as Dump::take
    void take(const Datagram& datagram);
    bool complete() const { return dump_.complete(); }
    bool interrupted() const { return dump_.interrupted(); }
    const std::vector<Resource>& resources() const { return model_.resources(); }

private:
    Family family_;
    std::optional<std::string> only_;
    Dump dump_{};
    Model model_{wire_of(family_.dialect())};
};

/// The dumps that tell how resources are configured. They are of all resources, because one that is
/// restricted to an unknown resource never ends.
std::vector<Datagram> settings_requests(const Family& family);

/// What the answers to those say of one resource.
class Settings_dump {
public:
    Settings_dump(const Family& family, std::string resource)
        : family_{family}, resource_{std::move(resource)} {}

    /// The next dump begins.
    void begin() { dump_ = {}; }
    void take(const Datagram& datagram);
    bool complete() const { return dump_.complete(); }
    bool interrupted() const { return dump_.interrupted(); }
    /// Nothing when there is no such resource.
    std::optional<Settings> settings() const;

private:
    Family family_;
    std::string resource_;
    Dump dump_{};
    bool found_ = false;
    Settings settings_{};
};

// Requests for a change of state. 8.4 changes the role of a volume, 9 that of a resource. Errors:
// failed for what the dialect cannot say
std::vector<Datagram> promote_requests(const Family& family, const Resource& resource);
std::vector<Datagram> demote_requests(const Family& family, const Resource& resource,
                                      bool by_force = false);
/// Errors  failed while a peer is connected: 9.3.3 then outdates the data it goes on replicating
std::vector<Datagram> outdate_requests(const Family& family, const Resource& resource);
std::vector<Datagram> disconnect_requests(const Family& family, const Resource& resource,
                                          const Peer& peer, bool by_force);
Datagram fail_instead_of_suspending_request(const Family& family, const std::string& resource);
Datagram down_request(const Family& family, const std::string& resource);

/// The answer to a request, which ends with an acknowledgement.
class Reply {
public:
    explicit Reply(const Family& family) : family_{family} {}

    /// Errors  not_permitted or failed when the kernel refuses the message as such
    void take(const Datagram& datagram);
    bool complete() const { return complete_; }
    /// The code, and its texts or their lack.
    Answer answer() const;
    /// Of a volume, in the answer to a question for its state (8.4).
    Role role() const { return role_; }

private:
    Family family_;
    Answer answer_{};
    Role role_ = Role::unknown;
    bool complete_ = false;
};

}  // namespace san::drbd
