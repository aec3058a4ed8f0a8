// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/netlink.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "kernel/netlink_exchange.hpp"

namespace san::netlink {

namespace {

// An interrupted dump says so itself (NLM_F_DUMP_INTR); this many in a row mean that the tables
// never rest.
constexpr int attempts = 10;

// A dump comes in pieces of up to this size, if there is room for it (net/netlink/af_netlink.c,
// netlink_recvmsg).
constexpr std::size_t largest_piece = 32768;

/// Receives until an answer is complete. Not by nl_recvmsgs, which looks at each piece before it
/// takes it, and allocates and copies each message.
template <class Answer>
int receive(nl_sock* socket, Answer& answer) {
    const auto piece = std::make_unique_for_overwrite<char[]>(largest_piece);
    while (!answer.finished()) {
        const auto size = ::recv(nl_socket_get_fd(socket), piece.get(), largest_piece, MSG_TRUNC);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) throw system_error("reading from netlink", errno);
        if (size > static_cast<long>(largest_piece))
            throw Error{Kind::failed, "netlink's answer is larger than it can be"};
        answer.take({piece.get(), static_cast<std::size_t>(size)});
    }
    return answer.result();
}

void send(nl_sock* socket, nl_msg* message) {
    nl_complete_msg(socket, message);
    const int result = nl_send(socket, message);
    if (result < 0)
        throw Error{Kind::failed, std::string{"asking netlink: "} + nl_geterror(result)};
}

}  // namespace

void Request::Free::operator()(nl_msg* message) const { nlmsg_free(message); }

Request::Request(int type, int flags)
    : message_{nlmsg_alloc_simple(type, flags | NLM_F_REQUEST | NLM_F_ACK)} {
    if (!message_) throw system_error("allocating for netlink", ENOMEM);
}

Request& Request::append(const void* data, std::size_t size) {
    if (nlmsg_append(message_.get(), const_cast<void*>(data), size, NLMSG_ALIGNTO) != 0)
        throw system_error("writing a netlink message", ENOMEM);
    return *this;
}

Request& Request::attribute(int type, const void* data, std::size_t size) {
    if (nla_put(message_.get(), type, static_cast<int>(size), data) != 0)
        throw system_error("writing a netlink message", ENOMEM);
    return *this;
}

Request& Request::attribute(int type, const std::string& text) {
    return attribute(type, text.c_str(), text.size() + 1);
}

Request& Request::big_endian(int type, std::uint32_t number) {
    const auto bytes = htonl(number);
    return attribute(type, &bytes, sizeof bytes);
}

Request& Request::nested(int type, const std::function<void()>& content) {
    auto* nest = nla_nest_start(message_.get(), type);
    if (!nest) throw system_error("writing a netlink message", ENOMEM);
    content();
    nla_nest_end(message_.get(), nest);
    return *this;
}

void Socket::Free::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Socket::Socket(int protocol) : socket_{nl_socket_alloc()} {
    if (!socket_) throw system_error("allocating for netlink", ENOMEM);
    if (const int result = nl_connect(socket_.get(), protocol); result != 0)
        throw Error{Kind::failed, std::string{"opening netlink: "} + nl_geterror(result)};
}

void Socket::join(int group) {
    if (const int result = nl_socket_add_membership(socket_.get(), group); result != 0)
        throw Error{Kind::failed, std::string{"joining netlink's events: "} + nl_geterror(result)};
}

int Socket::change(const Request& request) {
    return ask(request, [](const nlmsghdr&) {});
}

int Socket::ask(const Request& request, const std::function<void(const nlmsghdr&)>& each) {
    nlmsg_hdr(request.raw())->nlmsg_seq = NL_AUTO_SEQ;
    send(socket_.get(), request.raw());
    Exchange exchange{nlmsg_hdr(request.raw())->nlmsg_seq, each};
    return receive(socket_.get(), exchange);
}

namespace {

void append(std::vector<char>& to, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    to.insert(to.end(), bytes, bytes + size);
    to.resize(NLMSG_ALIGN(to.size()));
}

/// The frame of a transaction; its header says which subsystem, in network byte order.
Request frame(int type, int subsystem) {
    Request request{type, 0};
    request.header(nfgenmsg{.nfgen_family = AF_UNSPEC,
                            .version = NFNETLINK_V0,
                            .res_id = htons(static_cast<std::uint16_t>(subsystem))});
    return request;
}

}  // namespace

int Socket::transact(int subsystem, std::uint32_t generation,
                     const std::vector<Request>& requests) {
    if (requests.empty()) return 0;
    auto begin = frame(NFNL_MSG_BATCH_BEGIN, subsystem);
    begin.big_endian(NFNL_BATCH_GENID, generation);
    const auto end = frame(NFNL_MSG_BATCH_END, subsystem);
    std::vector<char> bytes;
    std::uint32_t number = 0;
    const auto add = [&](const Request& request) {
        auto& header = *nlmsg_hdr(request.raw());
        header.nlmsg_seq = number++;
        header.nlmsg_pid = nl_socket_get_local_port(socket_.get());
        // What is refused is said unasked, and one word is enough for the rest: hundreds would not
        // fit into the socket's buffer.
        if (&request != &requests.back())
            header.nlmsg_flags &= static_cast<std::uint16_t>(~NLM_F_ACK);
        append(bytes, &header, header.nlmsg_len);
    };
    add(begin);
    for (const auto& request : requests) add(request);
    const auto last = number - 1;
    add(end);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    const int fd = nl_socket_get_fd(socket_.get());
    if (::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                 sizeof kernel) < 0)
        throw system_error("asking netlink", errno);
    Transaction transaction{last};
    return receive(socket_.get(), transaction);
}

void Socket::dump(const Request& request, const std::function<void()>& restart,
                  const std::function<void(const nlmsghdr&)>& each) {
    for (int attempt = 0; attempt < attempts; ++attempt) {
        restart();
        // A number of its own for every attempt; nl_complete_msg keeps one that is set.
        nlmsg_hdr(request.raw())->nlmsg_seq = NL_AUTO_SEQ;
        nlmsg_hdr(request.raw())->nlmsg_flags |= NLM_F_DUMP;
        send(socket_.get(), request.raw());
        Exchange exchange{nlmsg_hdr(request.raw())->nlmsg_seq, each};
        if (const int errnum = receive(socket_.get(), exchange); errnum != 0)
            throw system_error("asking netlink", errnum);
        if (exchange.consistent()) return;
    }
    throw Error{Kind::failed, "the kernel's tables change faster than they can be read"};
}

bool Socket::wait(const Deadline& deadline) {
    const int fd = nl_socket_get_fd(socket_.get());
    for (;;) {
        pollfd ready{fd, POLLIN, 0};
        const int count = ::poll(&ready, 1, static_cast<int>(deadline.left().count()));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error("waiting for netlink", errno);
        if (count == 0) return false;
        break;
    }
    // The contents do not matter, nor does ENOBUFS, which says that there were more: the state is
    // read anew.
    char rest = 0;
    while (::recv(fd, &rest, sizeof rest, MSG_DONTWAIT) >= 0 || errno == ENOBUFS ||
           errno == EINTR) {
    }
    return true;
}

}  // namespace san::netlink
