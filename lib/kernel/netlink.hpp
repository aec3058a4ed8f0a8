// SPDX-License-Identifier: GPL-2.0-or-later
// A conversation with rtnetlink(7), over libnl-3.
#pragma once

#include <functional>
#include <memory>

#include "base/deadline.hpp"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace san::netlink {

/// One request, being written.
class Request {
public:
    /// `type` is RTM_*, `flags` NLM_F_* beside NLM_F_REQUEST and NLM_F_ACK.
    /// Errors  failed when there is no memory
    Request(int type, int flags);

    template <class Header>
    Request& header(const Header& header) {
        return append(&header, sizeof header);
    }
    Request& attribute(int type, const void* data, std::size_t size);

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
    /// Errors  failed when the kernel gives none
    Socket();

    /// Joins RTNLGRP_*. To be done before the state is looked at, so that no change is missed.
    void join(int group);

    /// Sends a change and waits for the kernel's answer. 0 or an errno.
    int change(const Request& request);

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
