// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_channel.hpp"

#include <cerrno>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace san::drbd {

namespace {

using namespace std::chrono_literals;

// A request is handled inside sendmsg(2), so that its answer is there when that returns. What is
// waited for here is the rest of a long dump, never a change of state.
constexpr auto patience = 30s;

// A dump comes in pieces of up to this size; net/netlink/af_netlink.c, netlink_recvmsg.
constexpr std::size_t largest_datagram = 32768;

class Socket final : public Channel {
public:
    Socket() : fd_{Fd::adopt(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC))} {
        if (!fd_) throw system_error("opening a netlink socket", errno);
        sockaddr_nl any{};
        any.nl_family = AF_NETLINK;
        if (::bind(fd_.raw(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
            throw system_error("binding a netlink socket", errno);
    }

    void join(unsigned group) override {
        const auto number = static_cast<int>(group);
        if (::setsockopt(fd_.raw(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number, sizeof number) !=
            0)
            throw system_error("joining DRBD's events", errno);
    }

    void send(const Datagram& request) override {
        while (::send(fd_.raw(), request.data(), request.size(), 0) < 0)
            if (errno != EINTR) throw system_error("asking DRBD", errno);
    }

    std::optional<Datagram> receive(const Deadline& deadline) override {
        for (;;) {
            // First, because what is waited for is nearly always there: a dump has a datagram for
            // each part of each resource.
            const auto got =
                ::recv(fd_.raw(), buffer_.data(), buffer_.size(), MSG_TRUNC | MSG_DONTWAIT);
            if (got > static_cast<ssize_t>(buffer_.size()))
                throw Error{Kind::failed, "DRBD's answer is larger than it can be"};
            if (got >= 0) return Datagram(buffer_.begin(), buffer_.begin() + got);
            if (errno == EINTR) continue;
            if (errno != EAGAIN) throw system_error("reading from DRBD", errno);
            pollfd wait{fd_.raw(), POLLIN, 0};
            const auto ready = ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
            if (ready < 0 && errno != EINTR) throw system_error("waiting for DRBD", errno);
            if (ready == 0) return {};
        }
    }

private:
    Fd fd_;
    std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(largest_datagram);
};

}  // namespace

Datagram Channel::must_receive() {
    auto datagram = receive(Deadline::in(patience));
    if (!datagram) throw Error{Kind::failed, "DRBD's module does not answer"};
    return std::move(*datagram);
}

std::unique_ptr<Channel> open_socket() { return std::make_unique<Socket>(); }

std::optional<Family> find_family(Channel& channel) {
    for (const auto* name : family_names) {
        channel.send(family_request(name));
        const auto family = family_in(channel.must_receive());
        // Behind the family comes the acknowledgement; an error is all there is.
        if (family) channel.must_receive();
        if (family) return family;
    }
    return {};
}

Family must_find_family(Channel& channel) {
    const auto family = find_family(channel);
    if (!family) throw Error{Kind::failed, "DRBD's module is not loaded"};
    return *family;
}

}  // namespace san::drbd
