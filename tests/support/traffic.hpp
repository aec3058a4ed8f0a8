// SPDX-License-Identifier: GPL-2.0-or-later
// A service and a client of it, in two networks of one process.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/firewall.hpp"

namespace san::test {

/// What a client hears.
enum class Reply { answer, refusal, silence };

inline socklen_t put_address(sockaddr_storage& to, const Ip& ip, std::uint16_t port) {
    if (ip.family() == Family::ipv4) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        std::memcpy(&address.sin_addr, ip.data(), ip.size());
        std::memcpy(&to, &address, sizeof address);
        return sizeof address;
    }
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    std::memcpy(&address.sin6_addr, ip.data(), ip.size());
    std::memcpy(&to, &address, sizeof address);
    return sizeof address;
}

inline Fd open_socket(Transport transport, const Ip& ip) {
    auto fd = Fd::adopt(::socket(
        ip.family() == Family::ipv4 ? AF_INET : AF_INET6,
        (transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
        0));
    if (!fd) throw system_error("opening a socket", errno);
    return fd;
}

/// Answers each byte with one.
class Service {
public:
    Service(Transport transport, const Ip& ip, std::uint16_t port)
        : transport_{transport}, socket_{open_socket(transport, ip)} {
        const int on = 1;
        ::setsockopt(socket_.raw(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_storage own{};
        const auto size = put_address(own, ip, port);
        if (::bind(socket_.raw(), reinterpret_cast<sockaddr*>(&own), size) != 0 ||
            (transport == Transport::tcp && ::listen(socket_.raw(), 8) != 0))
            throw system_error("serving " + ip.to_text() + " port " + std::to_string(port), errno);
    }
    int listening() const { return socket_.raw(); }
    int connected() const { return connection_.raw(); }

    /// Does what is to be done now.
    void work() const {
        if (transport_ == Transport::udp) return echo(socket_.raw());
        if (auto fresh =
                Fd::adopt(::accept4(socket_.raw(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)))
            connection_ = std::move(fresh);
        if (connection_) echo(connection_.raw());
    }

private:
    static void echo(int fd) {
        char byte = 0;
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        if (::recvfrom(fd, &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &size) == 1)
            ::sendto(fd, &byte, 1, MSG_NOSIGNAL,
                     size > 0 ? reinterpret_cast<sockaddr*>(&from) : nullptr, size);
    }
    Transport transport_;
    Fd socket_;
    mutable Fd connection_;
};

class Client {
public:
    /// Begins to connect, from the network in which it is made.
    Client(Transport transport, const Ip& ip, std::uint16_t port)
        : socket_{open_socket(transport, ip)} {
        sockaddr_storage to{};
        const auto size = put_address(to, ip, port);
        if (::connect(socket_.raw(), reinterpret_cast<sockaddr*>(&to), size) != 0 &&
            errno != EINPROGRESS)
            throw system_error("connecting to " + ip.to_text(), errno);
    }
    int raw() const { return socket_.raw(); }

    /// The first answer, once the connection is there.
    Reply reply(const Service& service) { return converse(service, patience); }
    /// Whether the first answer comes, where nothing stands in its way.
    bool is_answered(const Service& service) {
        return converse(service, std::chrono::seconds{10}) == Reply::answer;
    }
    /// One more byte there and back.
    Reply exchange(const Service& service) { return converse(service, patience); }
    /// Whether it is told, without a word of its own, that the connection is over.
    bool is_told_of_end() const {
        pollfd ready{socket_.raw(), POLLIN, 0};
        char byte = 0;
        return ::poll(&ready, 1, static_cast<int>(patience.count())) > 0 &&
               ::recv(socket_.raw(), &byte, 1, 0) < 1;
    }

private:
    /// Silence is what is left when nothing came for this long; a veth takes microseconds.
    static constexpr std::chrono::milliseconds patience{500};

    Reply converse(const Service& service, std::chrono::milliseconds within) {
        const auto deadline = Deadline::in(within);
        bool sent = false;
        for (;;) {
            std::array<pollfd, 3> ready{
                {{socket_.raw(), static_cast<short>(sent ? POLLIN : POLLOUT), 0},
                 {service.listening(), POLLIN, 0},
                 {service.connected(), POLLIN, 0}}};
            // A connection that has been ended is always ready.
            if (::poll(ready.data(), ready.size(), static_cast<int>(deadline.left().count())) <=
                    0 ||
                deadline.expired())
                return Reply::silence;
            if (ready[1].revents != 0 || ready[2].revents != 0) service.work();
            if (ready[0].revents == 0) continue;
            char byte = 'x';
            const auto done = sent ? ::recv(socket_.raw(), &byte, 1, 0)
                                   : ::send(socket_.raw(), &byte, 1, MSG_NOSIGNAL);
            if (done < 0 && errno == EAGAIN) continue;
            // A reset, an ICMP message, or an end.
            if (done < 1) return Reply::refusal;
            if (sent) return Reply::answer;
            sent = true;
        }
    }
    Fd socket_;
};

}  // namespace san::test
