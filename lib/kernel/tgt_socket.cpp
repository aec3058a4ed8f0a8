// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/tgt.hpp"

namespace san::tgt {

namespace {

Error silent() { return Error{Kind::failed, "tgtd does not answer"}; }

/// What the daemon drops without a word: a user or group other than its own.
Error hung_up() {
    return Error{Kind::failed, "tgtd hung up without an answer: it ended, or runs as another user"};
}

timeval span_of(const Deadline& deadline) {
    // Zero would be no limit at all.
    const auto left = std::max(deadline.left(), std::chrono::milliseconds{1});
    return {.tv_sec = left.count() / 1000, .tv_usec = left.count() % 1000 * 1000};
}

class Socket_daemon final : public Daemon {
public:
    explicit Socket_daemon(std::filesystem::path socket) : path_{std::move(socket)} {}

    std::optional<Answer> ask(const Request& request, const Deadline& deadline) override {
        const auto bytes = encode(request);
        const auto fd = connect(deadline);
        if (!fd) return {};
        send(fd, bytes);
        return receive(fd, deadline);
    }

private:
    /// Nothing when nobody listens.
    Fd connect(const Deadline& deadline) const {
        auto fd = Fd::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto& path = path_.native();
        if (path.size() >= sizeof address.sun_path)
            throw Error{Kind::misconfigured, path + ": expected a shorter path of a socket"};
        path.copy(address.sun_path, path.size());
        // A daemon that stands still takes no connections, and unix(7) waits for one as long as for
        // a send.
        const auto limit = span_of(deadline);
        if (!fd || ::setsockopt(fd.raw(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
            throw system_error("making a socket for tgtd", errno);
        while (::connect(fd.raw(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
               0) {
            if (errno == ENOENT || errno == ECONNREFUSED) return {};
            if (errno == EAGAIN || deadline.expired()) throw silent();
            if (errno != EINTR) throw system_error("connecting to " + path, errno);
        }
        return fd;
    }

    /// In one go: the daemon ends when it reads a part of some requests and then an end (1.0.85).
    static void send(const Fd& fd, const Bytes& bytes) {
        const auto sent = ::send(fd.raw(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(bytes.size())) return;
        if (sent < 0 && errno == EPIPE) throw hung_up();
        if (sent < 0 && errno != EAGAIN) throw system_error("writing to tgtd", errno);
        throw silent();
    }

    static Answer receive(const Fd& fd, const Deadline& deadline) {
        Incoming incoming;
        std::array<std::uint8_t, 65536> part;
        while (!incoming.complete()) {
            pollfd wait{fd.raw(), POLLIN, 0};
            const auto ready = ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
            if (ready < 0 && errno == EINTR) continue;
            if (ready < 0) throw system_error("waiting for tgtd", errno);
            if (ready == 0) throw silent();
            const auto got = ::recv(fd.raw(), part.data(), part.size(), MSG_DONTWAIT);
            if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (got == 0 || (got < 0 && errno == ECONNRESET)) throw hung_up();
            if (got < 0) throw system_error("reading from tgtd", errno);
            incoming.take(part.data(), static_cast<std::size_t>(got));
        }
        return incoming.answer();
    }

    std::filesystem::path path_;
};

}  // namespace

std::filesystem::path default_socket(const Variables& environment) {
    const auto given = environment.find("TGT_IPC_SOCKET");
    const std::string stem =
        given != environment.end() && !given->second.empty() ? given->second : "/run/tgtd/socket";
    return stem + ".0";
}

std::unique_ptr<Daemon> make_daemon(std::filesystem::path socket) {
    return std::make_unique<Socket_daemon>(std::move(socket));
}

}  // namespace san::tgt
