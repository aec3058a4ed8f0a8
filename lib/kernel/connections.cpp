// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/connections.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/diag_messages.hpp"
#include "kernel/netlink.hpp"

namespace san {

namespace {

// Linux numbers the half-open state of a listener by itself (TCP_NEW_SYN_RECV, net/tcp_states.h).
constexpr unsigned half_open = 12;

constexpr std::uint32_t listeners_only = 1U << TCP_LISTEN;
constexpr std::uint32_t established_only = 1U << TCP_ESTABLISHED;
constexpr std::uint32_t every_connection =
    ((1U << (half_open + 1)) - 2) & ~(1U << TCP_LISTEN | 1U << TCP_CLOSE);

/// What the kernel is to tell: sockets with local addresses in a network, by its own filter (struct
/// inet_diag_hostcond), so that those of others are not handed over.
class Filter {
public:
    explicit Filter(const Ip_network& local) {
        inet_diag_hostcond condition{};
        condition.family =
            static_cast<std::uint8_t>(local.ip.family() == Family::ipv4 ? AF_INET : AF_INET6);
        condition.prefix_len = static_cast<std::uint8_t>(local.prefix);
        condition.port = -1;
        // Jumps over itself when it holds, and behind the end when not: the two ways to say so.
        const auto length = sizeof(inet_diag_bc_op) + sizeof condition + local.ip.size();
        const inet_diag_bc_op operation{.code = INET_DIAG_BC_S_COND,
                                        .yes = static_cast<std::uint8_t>(length),
                                        .no = static_cast<std::uint16_t>(length + 4)};
        append(&operation, sizeof operation);
        append(&condition, sizeof condition);
        append(local.ip.data(), local.ip.size());
    }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    void append(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::uint8_t*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }
    std::vector<std::uint8_t> bytes_;
};

inet_diag_req_v2 question(int family, std::uint32_t states) {
    inet_diag_req_v2 header{};
    header.sdiag_family = static_cast<std::uint8_t>(family);
    header.sdiag_protocol = IPPROTO_TCP;
    header.idiag_states = states;
    return header;
}

class Sock_diag final : public Connections {
public:
    std::optional<std::vector<Listener>> find_listeners(Family family) override {
        std::vector<Listener> found;
        netlink::Request request{SOCK_DIAG_BY_FAMILY, 0};
        request.header(question(family == Family::ipv4 ? AF_INET : AF_INET6, listeners_only));
        try {
            socket().dump(
                request, [&] { found.clear(); },
                [&](const nlmsghdr& message) {
                    if (message.nlmsg_type == SOCK_DIAG_BY_FAMILY)
                        found.push_back(diag::listener_of(message));
                });
        } catch (const Error& problem) {
            // No tcp_diag, built in or as a module; or no sock_diag at all.
            if (problem.errnum() == ENOENT || problem.errnum() == EPROTONOSUPPORT) return {};
            throw;
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    Change end(const Listener& listener) override {
        auto header =
            question(listener.ip.family() == Family::ipv4 ? AF_INET : AF_INET6, listeners_only);
        std::memcpy(header.id.idiag_src, listener.ip.data(), listener.ip.size());
        header.id.idiag_sport = htons(listener.port);
        header.id.idiag_cookie[0] = static_cast<std::uint32_t>(listener.cookie);
        header.id.idiag_cookie[1] = static_cast<std::uint32_t>(listener.cookie >> 32U);
        netlink::Request request{SOCK_DESTROY, 0};
        request.header(header);
        const int errnum = socket().change(request);
        if (errnum == ENOENT || errnum == ESTALE) return Change::none;
        if (errnum != 0)
            throw system_error("ending the listener at port " + std::to_string(listener.port),
                               errnum);
        return Change::made;
    }

    std::vector<Connection> established(const Ip_network& local) override {
        std::vector<Connection> found;
        for (const auto& one : sockets(local, established_only)) found.push_back(one.connection);
        std::sort(found.begin(), found.end());
        return found;
    }

    unsigned end(const Ip_network& local, std::uint16_t first_port,
                 std::uint16_t last_port) override {
        unsigned ended = 0;
        for (const auto& one : sockets(local, every_connection)) {
            if (one.connection.local_port < first_port || one.connection.local_port > last_port)
                continue;
            auto header = question(one.family, every_connection);
            header.id = one.id;
            netlink::Request request{SOCK_DESTROY, 0};
            request.header(header);
            const int errnum = socket().change(request);
            // Gone meanwhile.
            if (errnum == ENOENT) continue;
            if (errnum != 0)
                throw system_error("ending the connection from " + one.connection.remote.to_text() +
                                       " to port " + std::to_string(one.connection.local_port),
                                   errnum);
            ++ended;
        }
        return ended;
    }

    void tickle(const Connection& connection) override {
        const bool ipv4 = connection.local.family() == Family::ipv4;
        // Of both families the socket sends what it is given, headers included (raw(7), ipv6(7)).
        auto& raw = ipv4 ? raw4_ : raw6_;
        if (!raw)
            raw = Fd::adopt(
                ::socket(ipv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
        if (!raw) throw system_error("opening a raw socket", errno);
        sockaddr_storage to{};
        socklen_t size = 0;
        if (ipv4) {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            std::memcpy(&address.sin_addr, connection.remote.data(), sizeof address.sin_addr);
            std::memcpy(&to, &address, size = sizeof address);
        } else {
            sockaddr_in6 address{};
            address.sin6_family = AF_INET6;
            std::memcpy(&address.sin6_addr, connection.remote.data(), sizeof address.sin6_addr);
            std::memcpy(&to, &address, size = sizeof address);
        }
        const auto packet = tickle_packet(connection);
        if (::sendto(raw.raw(), packet.data(), packet.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), size) < 0)
            throw system_error("telling " + connection.remote.to_text() + " of the takeover",
                               errno);
    }

private:
    std::vector<diag::Socket> sockets(const Ip_network& local, std::uint32_t states) {
        std::vector<diag::Socket> found;
        for (const int family : {AF_INET, AF_INET6})
            if (family == AF_INET6 || local.ip.family() == Family::ipv4)
                look(family, local, states, found);
        return found;
    }

    void look(int family, const Ip_network& local, std::uint32_t states,
              std::vector<diag::Socket>& into) {
        netlink::Request request{SOCK_DIAG_BY_FAMILY, 0};
        request.header(question(family, states));
        // A filter with a prefix of 0 bits looks at the family of the socket alone.
        if (local.prefix > 0) {
            const Filter filter{local};
            request.attribute(INET_DIAG_REQ_BYTECODE, filter.bytes().data(), filter.bytes().size());
        }
        const auto before = into.size();
        socket().dump(
            request, [&] { into.resize(before); },
            [&](const nlmsghdr& message) {
                if (message.nlmsg_type != SOCK_DIAG_BY_FAMILY) return;
                const auto one = diag::socket_of(message);
                if (local.contains(one.connection.local)) into.push_back(one);
            });
    }

    netlink::Socket& socket() {
        if (!socket_) socket_.emplace(NETLINK_SOCK_DIAG);
        return *socket_;
    }
    std::optional<netlink::Socket> socket_;
    Fd raw4_, raw6_;
};

}  // namespace

std::unique_ptr<Connections> make_connections() { return std::make_unique<Sock_diag>(); }

}  // namespace san
