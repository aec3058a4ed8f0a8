// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/log.hpp"
#include "storage/replica_health.hpp"
#include "storage/replica_users.hpp"

namespace san {

Replica_name Replica_name::parse(std::string_view text) {
    constexpr std::string_view characters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+./:=@_-";
    if (text.empty() || text.front() == '-' ||
        text.find_first_not_of(characters) != std::string_view::npos)
        throw Error{Kind::misconfigured,
                    "expected the name of a DRBD resource: letters, digits and %+./:=@_-"};
    return Replica_name{std::string{text}};
}

namespace replica {

namespace {

using namespace std::chrono_literals;
using drbd::Role;

// What the parent needs to say why the child's time is up.
constexpr auto reserve = 500ms;

// SS_* of linux/drbd.h.
constexpr int another_primary = -1;
constexpr int no_quorum = -25;

/// What to do after a refused change of role.
enum class After { give_up, wait_for_event, wait_for_opener };

After after_refusal(int code) {
    switch (code) {
        // TWO_PRIMARIES, CW_FAILED_BY_PEER, O_VOL_PEER_PRI: the cluster may be demoting the other.
        case another_primary:
        case -10:
        case -20:
        // IN_TRANSIENT_STATE, CONCURRENT_ST_CHG, TIMEOUT, HANDSHAKE_RETRY, ERR_INTR.
        case -18:
        case -19:
        case -23:
        case -28:
        case 129:
            return After::wait_for_event;
        // DEVICE_IN_USE, PRIMARY_READER.
        case -12:
        case -22:
            return After::wait_for_opener;
        // The rest needs somebody's help: no good data, no quorum, a peer that cannot be fenced.
        default:
            return After::give_up;
    }
}

/// A change of state, asked for until the kernel agrees.
class Request {
public:
    Request(std::string doing, std::string name, drbd::Kernel& kernel, const Files& files)
        : doing_{std::move(doing)}, name_{std::move(name)}, kernel_{&kernel}, files_{&files} {}

    /// Which way to go on after a refusal, where it is not the usual one.
    std::function<After(const drbd::Answer&)> after = [](const drbd::Answer& answer) {
        return after_refusal(answer.code);
    };

    Change insist(const Deadline& deadline, const std::function<drbd::Answer()>& ask) const {
        const auto watch = kernel_->watch();
        std::optional<device_users::Departures> departures;
        for (;;) {
            const auto answer = ask();
            if (answer.ok())
                return answer.code == drbd::nothing_to_do ? Change::none : Change::made;
            const auto next = after(answer);
            if (next == After::give_up || deadline.expired()) throw refused(answer);
            // The events of the refused change itself are among those; one round more is no harm.
            if (next == After::wait_for_event) {
                if (!watch->wait(deadline)) throw refused(answer);
                continue;
            }
            const auto resource = kernel_->find(name_);
            // What closes between the refusal and this is caught by the next round.
            if (!departures && resource)
                departures.emplace(devices(*resource), *files_);
            else if (departures)
                departures->wait(deadline, [&] { return watch->wait(Deadline::in(0s)); });
        }
    }

private:
    Error refused(const drbd::Answer& answer) const {
        Error failure{Kind::failed, doing_ + " DRBD resource " + name_ + ": " + answer.text};
        const auto resource = kernel_->find(name_);
        if (!resource || after_refusal(answer.code) != After::wait_for_opener) return failure;
        if (const auto users = device_users::users(devices(*resource), *files_); !users.empty())
            failure.also("in use by " + users);
        // They wait for it, so they will not leave before it goes on.
        if (resource->suspended) failure.also(suspension(*resource));
        return failure;
    }

    std::string doing_;
    std::string name_;
    drbd::Kernel* kernel_;
    const Files* files_;
};

}  // namespace

Change promote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded, const Files& files,
               const Deadline& deadline, const Promotion_rules& rules) {
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("DRBD to promote " + name);
        Request request{"promoting", name, kernel, files};
        request.after = [&](const drbd::Answer& answer) {
            if (answer.code == no_quorum && !rules.gives_up_without_quorum)
                return After::wait_for_event;
            if (answer.code == another_primary && rules.gives_up_beside_primary())
                return After::give_up;
            return after_refusal(answer.code);
        };
        return request.insist(deadline.before(reserve), [&] {
            const auto resource = kernel.find(name);
            return resource ? kernel.promote(*resource)
                            : drbd::Answer{drbd::unknown_resource, "it is not started"};
        });
    });
}

Change demote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded, const Files& files,
              const Deadline& deadline) {
    const auto before = kernel.find(name);
    if (!before || before->role != Role::primary) return Change::none;
    if (before->suspended)
        log::warning("demoting ", name, ": ", suspension(*before),
                     "; who waits for it cannot leave");
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("DRBD to demote " + name);
        const Request request{"demoting", name, kernel, files};
        return request.insist(deadline.before(reserve), [&] {
            const auto resource = kernel.find(name);
            return resource ? kernel.demote(*resource) : drbd::Answer{drbd::nothing_to_do, ""};
        });
    });
}

Change take_down(const std::string& name, drbd::Kernel& kernel, Bounded& bounded,
                 const Files& files, const Deadline& deadline) {
    if (!kernel.find(name)) return Change::none;
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("DRBD to take " + name + " down");
        const Request request{"taking down", name, kernel, files};
        return request.insist(deadline.before(reserve), [&] {
            // A resource that somebody else took down is what was wanted.
            const auto answer = kernel.down(name);
            return kernel.find(name) ? answer : drbd::Answer{101, ""};
        });
    });
}

bool await_peers(const std::string& name, drbd::Kernel& kernel, const Deadline& deadline) {
    const auto watch = kernel.watch();
    for (;;) {
        const auto resource = kernel.find(name);
        if (!resource) return false;
        if (std::all_of(resource->peers.begin(), resource->peers.end(), [](const auto& peer) {
                return peer.connection == drbd::Connection::connected;
            }))
            return true;
        if (!watch->wait(deadline)) return false;
    }
}

}  // namespace replica
}  // namespace san
