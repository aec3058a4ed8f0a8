// SPDX-License-Identifier: GPL-2.0-or-later
// The conversation with DRBD's module. Every call has a socket of its own, which makes them safe in
// a forked child; looking up the family anew costs two messages.
#include <cerrno>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/drbd.hpp"
#include "kernel/drbd_messages.hpp"

namespace san::drbd {

namespace {

using namespace std::chrono_literals;

// A request is handled inside sendmsg(2), so that its answer is there when that returns. What is
// waited for here is the rest of a long dump, never a change of state.
constexpr auto patience = 30s;

// A dump comes in pieces of up to this size; net/netlink/af_netlink.c, netlink_recvmsg.
constexpr std::size_t largest_datagram = 32768;

class Socket {
public:
    Socket() : fd_{Fd::adopt(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC))} {
        if (!fd_) throw system_error("opening a netlink socket", errno);
        sockaddr_nl any{};
        any.nl_family = AF_NETLINK;
        if (::bind(fd_.raw(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
            throw system_error("binding a netlink socket", errno);
    }

    void join(unsigned group) const {
        const auto number = static_cast<int>(group);
        if (::setsockopt(fd_.raw(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number, sizeof number) !=
            0)
            throw system_error("joining DRBD's events", errno);
    }

    void send(const Datagram& request) const {
        while (::send(fd_.raw(), request.data(), request.size(), 0) < 0)
            if (errno != EINTR) throw system_error("asking DRBD", errno);
    }

    /// Nothing when the deadline passed.
    std::optional<Datagram> receive(const Deadline& deadline) const {
        for (;;) {
            pollfd wait{fd_.raw(), POLLIN, 0};
            const auto ready = ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
            if (ready < 0 && errno != EINTR) throw system_error("waiting for DRBD", errno);
            if (ready == 0) return {};
            if (ready < 0) continue;
            Datagram datagram(largest_datagram);
            const auto got = ::recv(fd_.raw(), datagram.data(), datagram.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw system_error("reading from DRBD", errno);
            datagram.resize(static_cast<std::size_t>(got));
            return datagram;
        }
    }

    Datagram must_receive() const {
        auto datagram = receive(Deadline::in(patience));
        if (!datagram) throw Error{Kind::failed, "DRBD's module does not answer"};
        return std::move(*datagram);
    }

private:
    Fd fd_;
};

std::optional<Family> find_family(const Socket& socket) {
    socket.send(family_request());
    const auto family = family_in(socket.must_receive());
    // Behind the family comes the acknowledgement; an error is all there is.
    if (family) socket.must_receive();
    return family;
}

/// Of which events are told: those of a module that is there, or also its coming and going.
enum class Events { of_module, and_module_itself };

// The group of generic netlink's own family in which families come and go always has the family's
// number; net/netlink/genetlink.c, genl_validate_assign_mc_groups (6.1).
constexpr unsigned families_group = GENL_ID_CTRL;

class Netlink_watch final : public Watch {
public:
    explicit Netlink_watch(Events events) {
        // First, so that a module that comes now is seen by the one or the other.
        if (events == Events::and_module_itself) socket_.join(families_group);
        // By a socket of its own: among events the answer could not be told.
        const auto family = find_family(Socket{});
        if (family)
            socket_.join(family->events_group);
        else if (events == Events::of_module)
            throw Error{Kind::failed, "DRBD's module is not loaded"};
    }

    bool wait(const Deadline& deadline) override {
        try {
            if (!socket_.receive(deadline)) return false;
            // The rest of what has come: one look answers for all of it.
            while (socket_.receive(Deadline::in(0s))) {
            }
        } catch (const Error& failure) {
            // More came than the socket can hold; that it changed is all that is asked.
            if (failure.errnum() != ENOBUFS) throw;
        }
        return true;
    }

private:
    Socket socket_;
};

class Netlink_kernel final : public Kernel {
public:
    bool loaded() override { return find_family(Socket{}).has_value(); }

    std::optional<Resource> find(const std::string& name) override {
        for (auto& resource : all())
            if (resource.name == name) return std::move(resource);
        return {};
    }

    std::vector<Resource> all() override {
        const Socket socket;
        const auto family = find_family(socket);
        if (!family) return {};
        return look(socket, *family).resources();
    }

    std::unique_ptr<Watch> watch() override {
        return std::make_unique<Netlink_watch>(Events::of_module);
    }
    std::unique_ptr<Watch> watch_always() override {
        return std::make_unique<Netlink_watch>(Events::and_module_itself);
    }

    Answer promote(const Resource& resource) override {
        return ask([&](const Family& family) { return promote_requests(family, resource); });
    }
    Answer demote(const Resource& resource) override {
        return ask([&](const Family& family) { return demote_requests(family, resource); });
    }
    Answer down(const std::string& resource) override {
        return ask([&](const Family& family) {
            return std::vector<Datagram>{down_request(family, resource)};
        });
    }

private:
    static Snapshot look(const Socket& socket, const Family& family) {
        for (;;) {
            Snapshot snapshot{family};
            socket.send(snapshot_request(family));
            while (!snapshot.complete()) snapshot.take(socket.must_receive());
            if (!snapshot.interrupted()) return snapshot;
        }
    }

    /// The first answer that is a failure, else the best: a change before "nothing to do".
    template <class Requests>
    static Answer ask(const Requests& requests) {
        const Socket socket;
        const auto family = find_family(socket);
        if (!family) throw Error{Kind::failed, "DRBD's module is not loaded"};
        Answer best{.code = nothing_to_do, .text = {}};
        for (const auto& request : requests(*family)) {
            Reply reply{*family};
            socket.send(request);
            while (!reply.complete()) reply.take(socket.must_receive());
            const auto answer = reply.answer();
            if (!answer.ok()) return answer;
            if (answer.code != nothing_to_do) best = answer;
        }
        return best;
    }
};

}  // namespace

std::unique_ptr<Kernel> make_kernel() { return std::make_unique<Netlink_kernel>(); }

}  // namespace san::drbd
