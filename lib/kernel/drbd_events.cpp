// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_events.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.hpp"

namespace san::drbd {

namespace {

// Of parts that are gone, or were never heard of again: this many notifications later none is on
// its way that could be older.
constexpr std::uint32_t memory = 4096;

/// Whether a comes before b; the counter wraps round.
bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

/// nh_type, with its flag; nothing when the message is no notification.
std::optional<std::uint32_t> header_of(const Notice& notice) {
    constexpr int nh_type = 1;
    return notice.attributes.inside(notification_header).u32(nh_type);
}

Happening happening_in(const Notice& notice) {
    return static_cast<Happening>(header_of(notice).value_or(0) & ~continues);
}

Helper_call helper_call_in(const Notice& notice) {
    constexpr int name = 1, status = 2;
    const auto info = notice.attributes.inside(helper);
    Helper_call call{.resource = notice.context.string(context::resource_name),
                     .volume = notice.context.u32(context::volume),
                     .name = info.string(name)};
    if (const auto peer = notice.context.u32(context::peer_node_id))
        call.peer = static_cast<int>(*peer);
    // As wait(2) gives it, without a signal.
    constexpr std::uint32_t byte = 0xff;
    if (happening_in(notice) == Happening::response)
        call.exit_code = static_cast<int>(info.u32(status).value_or(0) >> 8 & byte);
    return call;
}

/// The message alone, as a datagram of its own.
Datagram copy_of(const Message& message) {
    const auto* header = reinterpret_cast<const std::uint8_t*>(&message.header);
    Datagram bytes{header, header + sizeof message.header};
    bytes.insert(bytes.end(), message.content.begin(), message.content.end());
    return bytes;
}

}  // namespace

void Event_stream::take(const Datagram& datagram) {
    each_message(datagram, [&](const Message& message) {
        if (unloaded_) return;
        if (message.header.nlmsg_type == family_.id) {
            take_family(message);
        } else if (says_unloaded(message)) {
            unload();
        } else if (message.ends_answer()) {
            if (const auto errnum = message.errnum(); errnum != 0)
                throw system_error("asking DRBD for its state", errnum);
            if ((message.header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) lost_ = true;
            if (message.header.nlmsg_type == NLMSG_DONE && !ready_) end_snapshot();
        }
    });
}

void Event_stream::unload() {
    model_.clear();
    unloaded_ = true;
}

void Event_stream::take_family(const Message& message) {
    const auto notice = Notice::in(message, family_);
    // The older notifications of 8.4 say the same in another way, with a counter of their own.
    if (!notice || notice->command == legacy_event || !header_of(*notice)) return;
    if ((message.header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) lost_ = true;
    if (happening_in(*notice) == Happening::exists) {
        // Only a snapshot says so; its last message is about nothing.
        if (!ready_) model_.set(*notice);
    } else if (ready_) {
        take_notification(message.header.nlmsg_seq, *notice);
    } else {
        waiting_.push_back({message.header.nlmsg_seq, copy_of(message)});
    }
}

void Event_stream::end_snapshot() {
    ready_ = true;
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Waiting& a, const Waiting& b) { return before(a.number, b.number); });
    for (const auto& one : std::exchange(waiting_, {}))
        each_message(one.bytes, [&](const Message& message) {
            if (const auto notice = Notice::in(message, family_))
                take_notification(one.number, *notice);
        });
}

void Event_stream::take_notification(std::uint32_t number, const Notice& notice) {
    continued_ = (header_of(notice).value_or(0) & continues) != 0;
    switch (happening_in(notice)) {
        case Happening::call:
        case Happening::response:
            if (notice.command == helper_call) helper_calls_.push_back(helper_call_in(notice));
            break;
        case Happening::rename:
            rename(number, notice);
            break;
        case Happening::exists:
        case Happening::create:
        case Happening::change:
        case Happening::destroy:
            if (!is_stale(number, notice)) apply(number, notice);
            break;
        default:
            // Whatever a newer module means by it, a snapshot shows what came of it.
            lost_ = true;
    }
}

void Event_stream::apply(std::uint32_t number, const Notice& notice) {
    if (!notice.context.has(context::resource_name)) return;
    // By the new name there may be older news than what came by the old one.
    const auto old = old_names_.find(notice.context.string(context::resource_name));
    if (old != old_names_.end()) {
        if (before(number, old->second)) {
            lost_ = true;
            return;
        }
        old_names_.erase(old);  // another resource has the name now
    }
    remember(number, key_of(notice));
    if (happening_in(notice) == Happening::destroy)
        model_.remove(notice);
    else
        model_.set(notice);
}

void Event_stream::rename(std::uint32_t number, const Notice& notice) {
    constexpr int new_name = 1;
    const auto from = notice.context.string(context::resource_name);
    const auto to = notice.attributes.inside(rename_resource_info).string(new_name);
    const auto is = [](const std::string& name) {
        return [&name](const Resource& one) { return one.name == name; };
    };
    const auto& known = model_.resources();
    // News by the new name may have come first, or the snapshot had it.
    if (to.empty() || std::any_of(known.begin(), known.end(), is(to))) {
        lost_ |= std::any_of(known.begin(), known.end(), is(from));
        return;
    }
    old_names_.erase(to);
    old_names_[from] = number;
    model_.rename(from, to);
}

bool Event_stream::is_stale(std::uint32_t number, const Notice& notice) const {
    const auto key = key_of(notice);
    const auto& [name, peer, volume, path] = key;
    const auto is_newer = [&](const Key& one) {
        const auto found = numbers_.find(one);
        return found != numbers_.end() && before(number, found->second);
    };
    if (is_newer(key)) return true;
    // What a part belongs to may be gone since; then it is not in the model either.
    const auto& all = model_.resources();
    const auto resource =
        std::find_if(all.begin(), all.end(), [&](const Resource& one) { return one.name == name; });
    if (resource == all.end()) return is_newer({name, -1, -1, {}});
    const auto has_peer = [&](const Peer& one) { return one.node_id == peer; };
    const auto has_volume = [&](const Volume& one) { return one.number == volume; };
    if (peer >= 0 && std::none_of(resource->peers.begin(), resource->peers.end(), has_peer) &&
        is_newer({name, peer, -1, {}}))
        return true;
    return volume >= 0 &&
           std::none_of(resource->volumes.begin(), resource->volumes.end(), has_volume) &&
           is_newer({name, -1, volume, {}});
}

Event_stream::Key Event_stream::key_of(const Notice& notice) {
    const auto& about = notice.context;
    Key key{about.string(context::resource_name), -1, -1, {}};
    auto& [name, peer, volume, path] = key;
    const auto of_peer = [&] { peer = about.u32(context::peer_node_id).value_or(0); };
    const auto of_volume = [&] { volume = about.u32(context::volume).value_or(0); };
    if (notice.command == device_state) of_volume();
    if (notice.command == connection_state) of_peer();
    if (notice.command == peer_device_state) {
        of_peer();
        of_volume();
    }
    if (notice.command == path_state) {
        of_peer();
        for (const int end : {context::my_addr, context::peer_addr}) {
            const auto bytes = about.find(end).value_or(Bytes{});
            path.append(bytes.begin(), bytes.end());
        }
    }
    return key;
}

void Event_stream::remember(std::uint32_t number, const Key& key) {
    numbers_[key] = number;
    if (numbers_.size() > memory)
        std::erase_if(numbers_,
                      [&](const auto& one) { return before(one.second, number - memory); });
}

}  // namespace san::drbd
