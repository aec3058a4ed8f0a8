// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/netlink.hpp"

#include <cerrno>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.hpp"

namespace san::netlink {

namespace {

// An interrupted dump says so itself (NLM_F_DUMP_INTR); this many in a row mean that the tables
// never rest.
constexpr int attempts = 10;

/// What one exchange brought. libnl folds errnos into fewer codes of its own, so they are kept.
struct Exchange {
    const std::function<void(const nlmsghdr&)>* each = nullptr;
    std::exception_ptr thrown{};
    int errnum = 0;
    bool finished = false;
};

// C++ exceptions must not pass through libnl's frames.
int take(nl_msg* message, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    try {
        if (exchange.each && !exchange.thrown) (*exchange.each)(*nlmsg_hdr(message));
    } catch (...) {
        exchange.thrown = std::current_exception();
    }
    return NL_OK;
}

int finish(nl_msg*, void* context) {
    static_cast<Exchange*>(context)->finished = true;
    return NL_STOP;
}

int refuse(sockaddr_nl*, nlmsgerr* answer, void* context) {
    auto& exchange = *static_cast<Exchange*>(context);
    exchange.errnum = -answer->error;
    exchange.finished = true;
    return NL_STOP;
}

/// Receives until the answer is complete. Whether it was a consistent one.
bool receive(nl_sock* socket, Exchange& exchange) {
    const std::unique_ptr<nl_cb, void (*)(nl_cb*)> handlers{nl_cb_alloc(NL_CB_DEFAULT), nl_cb_put};
    if (!handlers) throw system_error("allocating for netlink", ENOMEM);
    nl_cb_set(handlers.get(), NL_CB_VALID, NL_CB_CUSTOM, take, &exchange);
    nl_cb_set(handlers.get(), NL_CB_FINISH, NL_CB_CUSTOM, finish, &exchange);
    nl_cb_set(handlers.get(), NL_CB_ACK, NL_CB_CUSTOM, finish, &exchange);
    nl_cb_err(handlers.get(), NL_CB_CUSTOM, refuse, &exchange);
    bool consistent = true;
    while (!exchange.finished) {
        const int result = nl_recvmsgs(socket, handlers.get());
        if (result == -NLE_DUMP_INTR)
            consistent = false;
        else if (result < 0 && !exchange.finished)
            throw Error{Kind::failed,
                        std::string{"reading from rtnetlink: "} + nl_geterror(result)};
    }
    if (exchange.thrown) std::rethrow_exception(exchange.thrown);
    return consistent;
}

void send(nl_sock* socket, nl_msg* message) {
    nl_complete_msg(socket, message);
    const int result = nl_send(socket, message);
    if (result < 0)
        throw Error{Kind::failed, std::string{"asking rtnetlink: "} + nl_geterror(result)};
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

void Socket::Free::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Socket::Socket() : socket_{nl_socket_alloc()} {
    if (!socket_) throw system_error("allocating for netlink", ENOMEM);
    if (const int result = nl_connect(socket_.get(), NETLINK_ROUTE); result != 0)
        throw Error{Kind::failed, std::string{"opening rtnetlink: "} + nl_geterror(result)};
}

void Socket::join(int group) {
    if (const int result = nl_socket_add_membership(socket_.get(), group); result != 0)
        throw Error{Kind::failed,
                    std::string{"joining rtnetlink's events: "} + nl_geterror(result)};
}

int Socket::change(const Request& request) {
    send(socket_.get(), request.raw());
    Exchange exchange;
    receive(socket_.get(), exchange);
    return exchange.errnum;
}

void Socket::dump(const Request& request, const std::function<void()>& restart,
                  const std::function<void(const nlmsghdr&)>& each) {
    for (int attempt = 0; attempt < attempts; ++attempt) {
        restart();
        // A number of its own for every attempt; nl_complete_msg keeps one that is set.
        nlmsg_hdr(request.raw())->nlmsg_seq = NL_AUTO_SEQ;
        nlmsg_hdr(request.raw())->nlmsg_flags |= NLM_F_DUMP;
        send(socket_.get(), request.raw());
        Exchange exchange{.each = &each};
        const bool consistent = receive(socket_.get(), exchange);
        if (exchange.errnum != 0) throw system_error("asking rtnetlink", exchange.errnum);
        if (consistent) return;
    }
    throw Error{Kind::failed, "rtnetlink's tables change faster than they can be read"};
}

bool Socket::wait(const Deadline& deadline) {
    const int fd = nl_socket_get_fd(socket_.get());
    for (;;) {
        pollfd ready{fd, POLLIN, 0};
        const int count = ::poll(&ready, 1, static_cast<int>(deadline.left().count()));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error("waiting for rtnetlink", errno);
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
