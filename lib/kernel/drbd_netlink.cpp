// SPDX-License-Identifier: GPL-2.0-or-later
// The conversation with DRBD's module. Every call has a socket of its own, which makes them safe in
// a forked child; looking up the family anew costs two messages.
#include <algorithm>

#include "base/error.hpp"
#include "kernel/drbd.hpp"
#include "kernel/drbd_channel.hpp"
#include "kernel/drbd_messages.hpp"
#include "kernel/drbd_v84.hpp"

namespace san::drbd {

namespace {

// An interrupted dump says so itself; this many in a row mean that the state never rests.
constexpr int attempts = 10;

[[noreturn]] void throw_restless() {
    throw Error{Kind::failed, "DRBD's state changes faster than it can be read"};
}

Snapshot look(Channel& channel, const Family& family, const std::optional<std::string>& only = {}) {
    for (int attempt = 0; attempt < attempts; ++attempt) {
        Snapshot snapshot{family, only};
        channel.send(snapshot_request(family));
        while (!snapshot.complete()) snapshot.take(channel.must_receive());
        if (!snapshot.interrupted()) return snapshot;
    }
    throw_restless();
}

Reply reply_to(Channel& channel, const Family& family, const Datagram& request) {
    Reply reply{family};
    channel.send(request);
    while (!reply.complete()) reply.take(channel.must_receive());
    return reply;
}

/// The first answer that is a failure, else the best: a change before "nothing to do".
Answer ask_all(Channel& channel, const Family& family, const std::vector<Datagram>& requests) {
    Answer best{.code = nothing_to_do, .text = {}};
    for (const auto& request : requests) {
        const auto answer = reply_to(channel, family, request).answer();
        if (!answer.ok()) return answer;
        if (answer.code != nothing_to_do) best = answer;
    }
    return best;
}

/// A connection that is not there any more was ended already.
Answer without_connection(Answer answer) {
    constexpr int already_standalone = -9, invalid_request = 162;
    if (answer.code == already_standalone ||
        (answer.code == invalid_request && answer.text == "unknown connection"))
        return {.code = nothing_to_do, .text = {}};
    return answer;
}

class Netlink_kernel final : public Kernel {
public:
    explicit Netlink_kernel(Open_channel open) : open_{std::move(open)} {}

    bool loaded() override { return find_family(*open_()).has_value(); }

    std::optional<Resource> find(const std::string& name) override {
        auto found = look_at(name);
        if (found.empty()) return {};
        return std::move(found.front());
    }

    std::vector<Resource> all() override { return look_at({}); }

    std::unique_ptr<Watch> watch() override { return make_watch(open_, Events::of_module); }
    std::unique_ptr<Watch> watch_always() override {
        return make_watch(open_, Events::and_module_itself);
    }
    std::unique_ptr<Listener> listen() override { return make_listener(open_); }

    std::optional<Settings> settings(const std::string& name) override {
        const auto opened = open_();
        auto& channel = *opened;
        const auto family = find_family(channel);
        if (!family) return {};
        for (int attempt = 0; attempt < attempts; ++attempt) {
            Settings_dump dump{*family, name};
            bool interrupted = false;
            for (const auto& request : settings_requests(*family)) {
                dump.begin();
                channel.send(request);
                while (!dump.complete()) dump.take(channel.must_receive());
                interrupted |= dump.interrupted();
            }
            if (!interrupted) return dump.settings();
        }
        throw_restless();
    }

    Answer promote(const Resource& resource) override {
        return ask([&](const Family& family) { return promote_requests(family, resource); });
    }
    Answer demote(const Resource& resource) override {
        return ask([&](const Family& family) { return demote_requests(family, resource); });
    }
    Answer demote_by_force(const Resource& resource) override {
        return ask([&](const Family& family) { return demote_requests(family, resource, true); });
    }
    Answer outdate(const Resource& resource) override {
        const auto opened = open_();
        auto& channel = *opened;
        const auto family = must_find_family(channel);
        // What the caller saw may be over: a peer that is connected by now must stop this.
        const auto now = look(channel, family, resource.name).resources();
        if (!now.empty()) return ask_all(channel, family, outdate_requests(family, now.front()));
        return {.code = unknown_resource, .text = meaning_of(unknown_resource)};
    }
    Answer disconnect(const Resource& resource, const Peer& peer, bool by_force) override {
        return without_connection(ask([&](const Family& family) {
            return disconnect_requests(family, resource, peer, by_force);
        }));
    }
    Answer fail_instead_of_suspending(const std::string& resource) override {
        return ask([&](const Family& family) {
            return std::vector<Datagram>{fail_instead_of_suspending_request(family, resource)};
        });
    }
    Answer down(const std::string& resource) override {
        return ask([&](const Family& family) {
            return std::vector<Datagram>{down_request(family, resource)};
        });
    }

private:
    /// Of one resource, or of all.
    std::vector<Resource> look_at(const std::optional<std::string>& only) {
        const auto channel = open_();
        const auto family = find_family(*channel);
        if (!family) return {};
        auto found = look(*channel, *family, only).resources();
        for (auto& resource : found) find_roles(*channel, *family, resource);
        return found;
    }

    template <class Requests>
    Answer ask(const Requests& requests) {
        const auto channel = open_();
        const auto family = must_find_family(*channel);
        return ask_all(*channel, family, requests(family));
    }

    /// Asks for the roles that the snapshot left open: of several volumes on 8.4 one of which, or
    /// more, is Primary.
    static void find_roles(Channel& channel, const Family& family, Resource& resource) {
        if (family.dialect() == Dialect::v9) return;
        for (auto& volume : resource.volumes)
            if (volume.role == Role::unknown && resource.role == Role::primary)
                volume.role =
                    reply_to(channel, family, status_request(family, volume.minor)).role();
    }

    Open_channel open_;
};

[[noreturn]] void throw_unable(const std::string& what) {
    throw Error{Kind::failed, "this kernel of DRBD cannot " + what};
}

}  // namespace

std::optional<Settings> Kernel::settings(const std::string& resource) {
    throw_unable("tell how " + resource + " is configured");
}
std::unique_ptr<Listener> Kernel::listen() { throw_unable("tell what happens"); }
Answer Kernel::demote_by_force(const Resource& resource) {
    throw_unable("demote " + resource.name + " by force");
}
Answer Kernel::outdate(const Resource& resource) { throw_unable("outdate " + resource.name); }
Answer Kernel::disconnect(const Resource& resource, const Peer&, bool) {
    throw_unable("disconnect " + resource.name);
}
Answer Kernel::fail_instead_of_suspending(const std::string& resource) {
    throw_unable("make " + resource + " fail I/O");
}

std::unique_ptr<Kernel> make_kernel(const Open_channel& open) {
    return std::make_unique<Netlink_kernel>(open);
}

std::unique_ptr<Kernel> make_kernel() { return make_kernel(open_socket); }

}  // namespace san::drbd
