// SPDX-License-Identifier: GPL-2.0-or-later
// A network namespace of this process alone, and wires in it.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <iostream>
#include <sched.h>
#include <string>
#include <unistd.h>

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/text.hpp"
#include "kernel/addresses.hpp"

namespace san::test {

/// Leaves the machine's network for an empty one, once. Where that is not allowed, ends the process
/// with the code that means "skipped". Called before anything opens a socket.
inline void enter_private_network() {
    static const bool entered = [] {
        const auto uid = ::geteuid();
        const auto gid = ::getegid();
        if (::unshare(uid == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) != 0) {
            std::cerr << "skipped: neither root nor user namespaces\n";
            std::_Exit(77);
        }
        if (uid != 0) {
            std::ofstream{"/proc/self/setgroups"} << "deny";
            std::ofstream{"/proc/self/uid_map"} << "0 " << uid << " 1";
            std::ofstream{"/proc/self/gid_map"} << "0 " << gid << " 1";
        }
        return true;
    }();
    static_cast<void>(entered);
}

/// iproute2, as a person would type it behind "ip".
inline void ip(const std::string& words) {
    Programs{}.must(text::words("ip " + words), Deadline::in(std::chrono::seconds{10}));
}

/// Ethernet from eth0 (02:00:00:00:00:01) to "far" (02:00:00:00:00:02), both up, with the neighbour
/// in a namespace of its own.
class Wire {
public:
    Wire() {
        enter_private_network();
        here_ = current();
        if (::unshare(CLONE_NEWNET) != 0)
            throw system_error("making a network for the neighbour", errno);
        there_ = current();
        ip("link add far address 02:00:00:00:00:02 type veth peer name eth0 address "
           "02:00:00:00:00:01 netns /proc/" +
           std::to_string(::getpid()) + "/fd/" + std::to_string(here_.raw()));
        ip("link set far up");
        enter(here_);
        ip("link set lo up");
        ip("link set eth0 up");
        // Until then packets are lost, and come again after a second.
        wait_connected("eth0");
        as_neighbour([] { wait_connected("far"); });
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() {
        const auto deadline = Deadline::in(std::chrono::seconds{10});
        Programs{}.run({"ip", "link", "del", "eth0"}, deadline, {});
        Programs{}.run({"ip", "address", "flush", "dev", "lo", "scope", "global"}, deadline, {});
    }

    /// Does it as the neighbour.
    void as_neighbour(const std::function<void()>& work) {
        enter(there_);
        work();
        enter(here_);
    }

private:
    static void wait_connected(const std::string& name) {
        const auto links = make_links();
        for (const auto& link : links->list())
            if (link.name == name &&
                links->connected(link.index, Deadline::in(std::chrono::seconds{10})))
                return;
        throw Error{Kind::failed, name + " has no carrier"};
    }
    static Fd current() { return Fd::adopt(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)); }
    static void enter(const Fd& network) {
        if (::setns(network.raw(), CLONE_NEWNET) != 0)
            throw system_error("entering a network", errno);
    }
    Fd here_, there_;
};

}  // namespace san::test
