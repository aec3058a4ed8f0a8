// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/text.hpp"

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

Score_table Score_table::parse(std::string_view text) {
    std::vector<int> numbers;
    for (const auto& word : text::words(text))
        numbers.push_back(text::number<int>(word).value_or(-1));
    if (numbers.size() != 4 || numbers[0] < 0 || !std::is_sorted(numbers.begin(), numbers.end()))
        throw Error{Kind::misconfigured,
                    "expected four numbers that do not fall, such as 0 10 1000 10000"};
    return {numbers[0], numbers[1], numbers[2], numbers[3]};
}

namespace replica {

namespace {

using namespace std::chrono_literals;
using drbd::Disk;
using drbd::Role;

// What the parent needs to say why the child's time is up.
constexpr auto reserve = 500ms;

// A volume that is open has no event when it is closed on 8.4; those who open one for a moment,
// such as udev's probes, are gone soon.
constexpr auto opener_leaves = 100ms;

bool is_client(const drbd::Resource& resource) {
    return !resource.volumes.empty() &&
           std::all_of(resource.volumes.begin(), resource.volumes.end(),
                       [](const drbd::Volume& volume) { return volume.client; });
}

bool all_volumes(const drbd::Resource& resource, const std::function<bool(Disk)>& is) {
    return !resource.volumes.empty() &&
           std::all_of(resource.volumes.begin(), resource.volumes.end(),
                       [&](const drbd::Volume& volume) { return is(volume.disk); });
}

/// What the peers that have disks say of them.
struct Peers {
    bool some_good = false;  ///< a peer has all its volumes UpToDate
    bool all_good = false;   ///< so has every one
    bool some_unknown = false;
};

Peers look_at_peers(const drbd::Resource& resource) {
    Peers peers;
    bool some_bad = false;
    for (const auto& peer : resource.peers) {
        const auto& volumes = peer.volumes;
        if (std::all_of(volumes.begin(), volumes.end(), [](const auto& v) { return v.client; }))
            continue;
        const bool good = std::all_of(volumes.begin(), volumes.end(), [](const auto& volume) {
            return volume.disk == Disk::up_to_date;
        });
        (good ? peers.some_good : some_bad) = true;
        peers.some_unknown |= std::any_of(volumes.begin(), volumes.end(), [](const auto& volume) {
            return volume.disk == Disk::unknown;
        });
    }
    peers.all_good = peers.some_good && !some_bad;
    return peers;
}

/// Zero is "do not promote", as no score is.
Verdict worth(int score) { return score > 0 ? Verdict{.score = score} : Verdict{}; }

Verdict judge_client(bool is_primary, const Peers& peers, const Score_table& table) {
    // One less than a node with the same data of its own.
    if (peers.some_good && (is_primary || peers.all_good)) return worth(table.good - 1);
    return peers.some_good ? worth(table.peer_unknown - 1) : Verdict{};
}

}  // namespace

Verdict judge(const drbd::Resource& resource, const Score_table& table) {
    const auto peers = look_at_peers(resource);
    const bool is_primary = resource.role == Role::primary;
    if (is_client(resource)) return judge_client(is_primary, peers, table);
    for (const auto& volume : resource.volumes)
        if (!volume.client && !volume.has_quorum) return {};

    const auto is = [](Disk wanted) { return [=](Disk disk) { return disk == wanted; }; };
    if (all_volumes(resource, is(Disk::up_to_date)))
        return worth(is_primary || !peers.some_unknown ? table.good : table.peer_unknown);
    if (peers.some_good) return worth(table.remote_only);
    for (const auto& volume : resource.volumes)
        if (volume.disk == Disk::attaching || volume.disk == Disk::negotiating)
            return {.keep = true};
    const auto usable = [](Disk disk) {
        return disk == Disk::consistent || disk == Disk::up_to_date;
    };
    return all_volumes(resource, usable) ? worth(table.consistent_only) : Verdict{};
}

std::vector<std::string> faults(const drbd::Resource& resource) {
    std::vector<std::string> faults;
    // What a start that was killed leaves.
    if (resource.volumes.empty()) faults.push_back("it has no volume");
    if (resource.failing_io) faults.push_back("it was demoted by force and fails all I/O");
    return faults;
}

namespace {

/// What to do after a refused change of role.
enum class After { give_up, wait_for_event, wait_for_opener };

After after_refusal(int code) {
    switch (code) {
        // TWO_PRIMARIES, CW_FAILED_BY_PEER, O_VOL_PEER_PRI: the cluster may be demoting the other.
        case -1:
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

Error refused(const std::string& doing, const std::string& name, const std::string& why) {
    return Error{Kind::failed, doing + " DRBD resource " + name + ": " + why};
}

/// Asks until the kernel agrees, gives up, or the deadline.
Change insist(const std::string& doing, const std::string& name, drbd::Kernel& kernel,
              const Deadline& deadline, const std::function<drbd::Answer()>& ask) {
    const auto watch = kernel.watch();
    for (;;) {
        const auto answer = ask();
        if (answer.ok()) return answer.code == drbd::nothing_to_do ? Change::none : Change::made;
        const auto next = after_refusal(answer.code);
        if (next == After::give_up || deadline.expired()) throw refused(doing, name, answer.text);
        // The events of the refused change itself are among those; one round more is no harm.
        if (next == After::wait_for_event) {
            if (!watch->wait(deadline)) throw refused(doing, name, answer.text);
        } else {
            watch->wait(deadline.within(opener_leaves));
        }
    }
}

/// "dm-0, /srv": who sits on the volumes, as far as the kernel tells.
std::string users_of(const drbd::Resource& resource, const Files& files) {
    // drivers/block/drbd: DRBD's block devices have the major number LANANA gave it.
    constexpr unsigned block_major = 147;
    std::vector<std::string> users;
    const auto mounts = files.find("/proc/self/mountinfo").value_or("");
    for (const auto& volume : resource.volumes) {
        const auto device = "/sys/block/drbd" + std::to_string(volume.minor);
        for (const auto& holder : files.names(device + "/holders")) {
            const auto name = files.find("/sys/block/" + holder + "/dm/name");
            users.push_back(name ? std::string{text::trimmed(*name)} : holder);
        }
        const Device_number number{block_major, volume.minor};
        std::size_t begin = 0;
        while (begin < mounts.size()) {
            const auto end = std::min(mounts.find('\n', begin), mounts.size());
            // "36 35 147:0 / /srv rw ...": proc(5).
            const auto words = text::words(std::string_view{mounts}.substr(begin, end - begin));
            if (words.size() > 4 && words[2] == number.to_text()) users.push_back(words[4]);
            begin = end + 1;
        }
    }
    return text::joined(users, ", ");
}

/// Adds who is in the way to a refusal that would only say that somebody is.
template <class Work>
Change naming_users(const std::string& name, drbd::Kernel& kernel, const Files& files,
                    const Work& work) {
    try {
        return work();
    } catch (Error& failure) {
        const auto resource = kernel.find(name);
        const auto users = resource ? users_of(*resource, files) : std::string{};
        if (!users.empty()) failure.also("in use by " + users);
        throw;
    }
}

}  // namespace

Change promote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded,
               const Deadline& deadline) {
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("DRBD to promote " + name);
        return insist("promoting", name, kernel, deadline.before(reserve), [&] {
            const auto resource = kernel.find(name);
            return resource ? kernel.promote(*resource) : drbd::Answer{158, "it is not started"};
        });
    });
}

Change demote(const std::string& name, drbd::Kernel& kernel, Bounded& bounded, const Files& files,
              const Deadline& deadline) {
    const auto before = kernel.find(name);
    if (!before || before->role != Role::primary) return Change::none;
    return naming_users(name, kernel, files, [&] {
        return bounded.run(deadline, [&](const Bounded::Progress& progress) {
            progress("DRBD to demote " + name);
            return insist("demoting", name, kernel, deadline.before(reserve), [&] {
                const auto resource = kernel.find(name);
                return resource ? kernel.demote(*resource) : drbd::Answer{drbd::nothing_to_do, ""};
            });
        });
    });
}

Change take_down(const std::string& name, drbd::Kernel& kernel, Bounded& bounded,
                 const Files& files, const Deadline& deadline) {
    if (!kernel.find(name)) return Change::none;
    return naming_users(name, kernel, files, [&] {
        return bounded.run(deadline, [&](const Bounded::Progress& progress) {
            progress("DRBD to take " + name + " down");
            return insist("taking down", name, kernel, deadline.before(reserve), [&] {
                // A resource that somebody else took down is what was wanted.
                const auto answer = kernel.down(name);
                return kernel.find(name) ? answer : drbd::Answer{101, ""};
            });
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
