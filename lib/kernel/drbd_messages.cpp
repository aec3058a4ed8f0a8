// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_messages.hpp"

#include <bit>

#include "base/error.hpp"

namespace san::drbd {

namespace {

constexpr auto no_minor = User_header{}.minor;

/// Another process held what the dump wanted to look at; ERR_INTR.
constexpr int interrupted_code = 129;

}  // namespace

Datagram snapshot_request(const Family& family) {
    return request_of(family, get_initial_state, NLM_F_DUMP, no_minor).bytes();
}

void Dump::check(const Message& message) {
    if ((message.header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted_ = true;
    if (!message.ends_answer()) return;
    if (const auto errnum = message.errnum(); errnum != 0)
        throw system_error("asking DRBD for its state", errnum);
    complete_ = true;
}

void Dump::check(const Notice& notice) {
    const auto code = notice.header.ret_code;
    if (code == interrupted_code) interrupted_ = true;
    if (code != no_error && code != interrupted_code)
        throw Error{Kind::failed, "asking DRBD for its state: " + meaning_of(code)};
}

void Snapshot::take(const Datagram& datagram) {
    dump_.take(datagram, family_, [&](const Notice& notice) {
        if (!only_ || notice.context.string(context::resource_name) == *only_) model_.set(notice);
    });
}

std::vector<Datagram> settings_requests(const Family& family) {
    std::vector<Datagram> requests;
    for (const auto kind : {get_resources, get_devices, get_connections})
        requests.push_back(request_of(family, kind, NLM_F_DUMP, no_minor).bytes());
    return requests;
}

void Settings_dump::take(const Datagram& datagram) {
    dump_.take(datagram, family_, [&](const Notice& notice) {
        if (notice.context.string(context::resource_name) != resource_) return;
        found_ |= notice.command == get_resources;
        wire_of(family_.dialect()).read_settings(settings_, notice);
    });
}

std::optional<Settings> Settings_dump::settings() const {
    return found_ ? std::optional{settings_} : std::nullopt;
}

std::vector<Datagram> promote_requests(const Family& family, const Resource& resource) {
    return wire_of(family.dialect()).promote(family, resource);
}

std::vector<Datagram> demote_requests(const Family& family, const Resource& resource,
                                      bool by_force) {
    return wire_of(family.dialect()).demote(family, resource, by_force);
}

std::vector<Datagram> outdate_requests(const Family& family, const Resource& resource) {
    for (const auto& peer : resource.peers)
        if (peer.connection == Connection::connected)
            throw Error{Kind::failed, "DRBD resource " + resource.name +
                                          " is connected: its data must not be outdated"};
    std::vector<Datagram> requests;
    for (const auto& volume : resource.volumes) {
        auto writer = request_of(family, outdate, NLM_F_ACK, volume.minor);
        writer.nest(cfg_context, [](Writer&) {});
        requests.push_back(writer.bytes());
    }
    return requests;
}

std::vector<Datagram> disconnect_requests(const Family& family, const Resource& resource,
                                          const Peer& peer, bool by_force) {
    return wire_of(family.dialect()).disconnect(family, resource, peer, by_force);
}

Datagram fail_instead_of_suspending_request(const Family& family, const std::string& resource) {
    return wire_of(family.dialect()).fail_instead_of_suspending(family, resource);
}

Datagram down_request(const Family& family, const std::string& resource) {
    auto writer = request_of(family, down, NLM_F_ACK, no_minor);
    put_resource(writer, resource);
    return writer.bytes();
}

void Reply::take(const Datagram& datagram) {
    each_message(datagram, [&](const Message& message) {
        if (message.header.nlmsg_type == NLMSG_ERROR) {
            if (const auto errnum = message.errnum(); errnum != 0) {
                const auto why = message.complaint();
                throw system_error(
                    "DRBD's module refuses the request" + (why.empty() ? why : " (" + why + ")"),
                    errnum);
            }
            complete_ = true;
        } else if (const auto reply = Notice::in(message, family_)) {
            answer_.code = reply->header.ret_code;
            // One nest for each line of text.
            reply->attributes.each([&](int type, Bytes content) {
                constexpr int info_text = 1;
                if (type != cfg_reply) return;
                if (!answer_.text.empty()) answer_.text += '\n';
                answer_.text += Attributes{content}.string(info_text);
            });
            constexpr int current_state = 2;
            // The first two bits of union drbd_state, from the end where numbers begin.
            constexpr std::uint32_t role_bits = 3;
            constexpr int shift = std::endian::native == std::endian::little ? 0 : 30;
            const auto state = reply->attributes.inside(state_info).u32(current_state);
            if (state) role_ = role_of(*state >> shift & role_bits);
        }
    });
}

Answer Reply::answer() const {
    auto answer = answer_;
    if (answer.text.empty() && !answer.ok()) answer.text = meaning_of(answer.code);
    return answer;
}

}  // namespace san::drbd
