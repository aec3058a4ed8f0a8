// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/iet.hpp"

namespace san::iet {

namespace {

timeval span_of(std::chrono::milliseconds span) {
    // Zero would be no limit at all.
    const auto left = std::max(span, std::chrono::milliseconds{1});
    return {.tv_sec = left.count() / 1000, .tv_usec = left.count() % 1000 * 1000};
}

/// Ends a system call that the kernel lets signals end, from the deadline on again and again: the
/// first could come just before the call.
class Alarm {
public:
    explicit Alarm(const Deadline& deadline) {
        struct sigaction wake {};
        wake.sa_handler = [](int) {};
        ::sigaction(SIGALRM, &wake, &before_);
        const itimerval timer{.it_interval = span_of(std::chrono::milliseconds{20}),
                              .it_value = span_of(deadline.left())};
        ::setitimer(ITIMER_REAL, &timer, nullptr);
    }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    ~Alarm() {
        const itimerval none{};
        ::setitimer(ITIMER_REAL, &none, nullptr);
        ::sigaction(SIGALRM, &before_, nullptr);
    }

private:
    struct sigaction before_ {};
};

Error busy(const std::filesystem::path& file) {
    return Error{Kind::failed, "reading " + file.string() +
                                   ": time is up while waiting for whoever changes a target"};
}

/// Readers wait for the list's lock by down_interruptible (iet_seq_start, kernel/target.c).
std::optional<std::string> read_in_time(const std::filesystem::path& file,
                                        const Deadline& deadline) {
    const Alarm alarm{deadline};
    Fd fd;
    while (!(fd = Fd::adopt(::open(file.c_str(), O_RDONLY | O_CLOEXEC)))) {
        if (errno == ENOENT || errno == ENOTDIR) return {};
        if (errno != EINTR) throw system_error("reading " + file.string(), errno);
        if (deadline.expired()) throw busy(file);
    }
    std::string content;
    std::array<char, 65536> part;
    for (;;) {
        const auto got = ::read(fd.raw(), part.data(), part.size());
        if (got == 0) return content;
        if (got > 0)
            content.append(part.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            throw system_error("reading " + file.string(), errno);
        else if (deadline.expired())
            throw busy(file);
    }
}

Error silent() { return Error{Kind::failed, "ietd does not answer"}; }

class Module_control final : public Control {
public:
    Module_control(Commands& commands, std::filesystem::path root, std::string socket)
        : commands_{commands}, root_{std::move(root)}, socket_{std::move(socket)} {}

    std::optional<std::string> volumes(const Deadline& deadline) override {
        return read_in_time(root_ / "proc/net/iet/volume", deadline);
    }
    std::optional<std::string> sessions(const Deadline& deadline) override {
        return read_in_time(root_ / "proc/net/iet/session", deadline);
    }

    /// Its exit status is the negative errno, of which 8 bits are left.
    ///
    /// Source  main() of usr/ietadm.c, 1.4.20.2
    Answer ask(const Request& request, const Deadline& deadline) override {
        std::vector<std::string> argv{"ietadm"};
        argv.insert(argv.end(), request.words.begin(), request.words.end());
        const auto outcome = commands_.run(argv, deadline);
        if (outcome.ok()) return {.errnum = 0, .text = outcome.out};
        return {.errnum = 256 - outcome.status, .text = outcome.complaint()};
    }

    Account_answer ask(const Account_request& request, const Deadline& deadline) override {
        if (!speaks_of_accounts())
            throw Error{Kind::not_installed,
                        "IET is version " + text::quoted(version()) +
                            ": expected 1.4.20 or 1.4.20.x to tell its ietd of accounts"};
        const auto bytes = encode(request);
        const auto fd = connect(deadline);
        const auto sent = ::send(fd.raw(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(bytes.size())) throw silent();
        auto answer = receive(fd, answer_size, deadline);
        const auto more = receive(fd, more_of(request, answer), deadline);
        answer.insert(answer.end(), more.begin(), more.end());
        return decode(request, answer);
    }

    bool speaks_of_accounts() override { return iet::speaks_of_accounts(version()); }

private:
    std::string version() const {
        return std::string{
            text::trimmed(Files{root_}.find("/sys/module/iscsi_trgt/version").value_or(""))};
    }

    Fd connect(const Deadline& deadline) const {
        auto fd = Fd::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        // A daemon that stands still takes no connections, and unix(7) waits for one as long as
        // for a send.
        const auto limit = span_of(deadline.left());
        if (!fd || ::setsockopt(fd.raw(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
            throw system_error("making a socket for ietd", errno);
        // ietd has the zeros behind its name as a part of it.
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_.copy(address.sun_path + 1, sizeof address.sun_path - 1);
        while (::connect(fd.raw(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
               0) {
            if (errno == ECONNREFUSED) throw Error{Kind::failed, "ietd is not running"};
            if (errno == EAGAIN || deadline.expired()) throw silent();
            if (errno != EINTR) throw system_error("connecting to ietd", errno);
        }
        // Such a name is anybody's to take, and a password is what follows.
        ucred peer{};
        socklen_t size = sizeof peer;
        if (::getsockopt(fd.raw(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
            throw system_error("asking who ietd is", errno);
        if (peer.uid != 0 && peer.uid != ::geteuid())
            throw Error{Kind::failed, "who listens in the place of ietd is process " +
                                          std::to_string(peer.pid) + " of user " +
                                          std::to_string(peer.uid)};
        return fd;
    }

    static Bytes receive(const Fd& fd, std::size_t size, const Deadline& deadline) {
        Bytes bytes(size);
        for (std::size_t there = 0; there < size;) {
            pollfd wait{fd.raw(), POLLIN, 0};
            const auto ready = ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
            if (ready < 0 && errno == EINTR) continue;
            if (ready < 0) throw system_error("waiting for ietd", errno);
            if (ready == 0) throw silent();
            const auto got = ::recv(fd.raw(), bytes.data() + there, size - there, MSG_DONTWAIT);
            if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (got < 0 && errno != ECONNRESET) throw system_error("reading from ietd", errno);
            if (got <= 0)
                throw Error{Kind::failed,
                            "ietd hung up without an answer: it ended, or is another version"};
            there += static_cast<std::size_t>(got);
        }
        return bytes;
    }

    Commands& commands_;
    std::filesystem::path root_;
    std::string socket_;
};

}  // namespace

std::unique_ptr<Control> make_control(Commands& commands, std::filesystem::path root,
                                      std::string socket) {
    return std::make_unique<Module_control>(commands, std::move(root), std::move(socket));
}

}  // namespace san::iet
