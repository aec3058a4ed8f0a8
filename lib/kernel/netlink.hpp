// SPDX-License-Identifier: GPL-2.0-or-later
// A conversation with the kernel over netlink(7): rtnetlink, nftables, sock_diag. On libnl-3.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline.hpp"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace san::netlink {

/// One request, being written.
class Request {
public:
    /// `type` is the protocol's, `flags` NLM_F_* beside NLM_F_REQUEST and NLM_F_ACK.
    /// Errors  failed when there is no memory, or no more room; of all members
    Request(int type, int flags);

    template <class Header>
    Request& header(const Header& header) {
        return append(&header, sizeof header);
    }
    Request& attribute(int type, const void* data, std::size_t size);
    /// With the NUL behind it.
    Request& attribute(int type, const std::string& text);
    /// In network byte order, as nftables wants its numbers.
    Request& big_endian(int type, std::uint32_t number);
    /// An attribute that holds those which `content` adds.
    Request& nested(int type, const std::function<void()>& content);

    nl_msg* raw() const { return message_.get(); }

private:
    Request& append(const void* data, std::size_t size);
    struct Free {
        void operator()(nl_msg* message) const;
    };
    std::unique_ptr<nl_msg, Free> message_;
};

class Socket {
public:
    /// NETLINK_ROUTE and its like. Errors: failed when the kernel gives none
    explicit Socket(int protocol = 0);

    /// Joins RTNLGRP_*. To be done before the state is looked at, so that no change is missed.
    void join(int group);

    /// Sends a change and waits for the kernel's answer. 0 or an errno.
    int change(const Request& request);

    /// Asks for one thing and hands what is said of it to `each`. 0 or an errno.
    int ask(const Request& request, const std::function<void(const nlmsghdr&)>& each);

    /// A transaction of nfnetlink (linux/netfilter/nfnetlink.h): all requests or none. 0 or the
    /// errno of the first that was refused; ERESTART when the rules of whatever table are not those
    /// of `generation` any more (Linux 4.14, net/netfilter/nfnetlink.c).
    int transact(int subsystem, std::uint32_t generation, const std::vector<Request>& requests);

    /// Hands every message of a dump to `each`. A dump during which something changed is taken
    /// again, so `each` must be able to start over: `restart` is called before every attempt.
    /// Errors  failed with the kernel's errno
    void dump(const Request& request, const std::function<void()>& restart,
              const std::function<void(const nlmsghdr&)>& each);

    /// Waits for a message of a joined group and takes all that are there. Whether one came before
    /// the deadline.
    bool wait(const Deadline& deadline);

private:
    struct Free {
        void operator()(nl_sock* socket) const;
    };
    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace san::netlink
