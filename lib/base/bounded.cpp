// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bounded.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san {

namespace {

// Messages from child to parent, each ended by NUL: a letter, then text.
constexpr char step_mark = 's';
constexpr char log_mark = 'l';    // level digit, text
constexpr char done_mark = 'd';   // "d0" nothing changed, "d1" something did
constexpr char error_mark = 'e';  // kind digit, errno, blank, text

void send(int to, std::string message) {
    message.push_back('\0');
    // Shorter than PIPE_BUF or not, the parent reads until NUL.
    std::string_view rest = message;
    while (!rest.empty()) {
        const auto put = ::write(to, rest.data(), rest.size());
        if (put < 0 && errno != EINTR) return;
        if (put > 0) rest.remove_prefix(static_cast<std::size_t>(put));
    }
}

[[noreturn]] void serve(int to, const Bounded::Work& work) {
    // Pacemaker waits for the pipes it gave the agent; an abandoned child must not hold them.
    const auto null = Fd::adopt(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null.raw(), standard);
    log::set_sink([to](log::Level level, std::string_view line) {
        send(to, log_mark + std::to_string(static_cast<int>(level)) + std::string{line});
    });
    try {
        const auto change =
            work([to](std::string_view step) { send(to, step_mark + std::string{step}); });
        send(to, std::string{done_mark} + (change == Change::made ? '1' : '0'));
    } catch (const Error& failure) {
        send(to, std::string{error_mark} + std::to_string(static_cast<int>(failure.kind())) +
                     std::to_string(failure.errnum()) + ' ' + failure.what());
    } catch (const std::exception& failure) {
        send(to, std::string{error_mark} + std::to_string(static_cast<int>(Kind::failed)) + "0 " +
                     failure.what());
    }
    ::_exit(0);
}

Error decoded(std::string_view message) {
    const auto blank = message.find(' ');
    const auto kind = static_cast<Kind>(message[0] - '0');
    const auto errnum = text::number<int>(message.substr(1, blank - 1)).value_or(0);
    return Error{kind, std::string{message.substr(blank + 1)}, errnum};
}

void give(const Bounded::Nudge& nudge) try { nudge.act(); } catch (const std::exception& problem) {
    log::warning(problem.what());
}

}  // namespace

Change Forked::run(const Deadline& deadline, const Work& work, const Nudge& nudge) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("making a pipe", errno);
    auto from = Fd::adopt(ends[0]);
    auto to = Fd::adopt(ends[1]);
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child < 0) throw system_error("starting a child", errno);
    if (child == 0) {
        // Whoever outlives the action would change things under the stop that the cluster sends
        // next.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        from.close();
        serve(to.raw(), work);
    }
    to.close();

    std::string received, step = "the child to start";
    bool nudged = !nudge.act;
    auto patience = Deadline::in(nudge.after);
    for (;;) {
        pollfd wait{from.raw(), POLLIN, 0};
        const auto left = deadline.left();
        if (left.count() == 0) {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, WNOHANG);
            throw Abandoned{child, step};
        }
        const auto next = nudged ? left : std::min(left, patience.left());
        if (::poll(&wait, 1, static_cast<int>(next.count())) <= 0) {
            if (!nudged && patience.left().count() == 0) {
                nudged = true;
                give(nudge);
            }
            continue;
        }

        std::array<char, 512> buffer{};
        const auto got = ::read(from.raw(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            ::waitpid(child, nullptr, 0);
            throw Error{Kind::failed, "the child died while waiting for " + step};
        }
        received.append(buffer.data(), static_cast<std::size_t>(got));
        for (std::size_t end = 0; (end = received.find('\0')) != std::string::npos;) {
            const auto message = received.substr(0, end);
            received.erase(0, end + 1);
            if (message[0] == step_mark) {
                step = message.substr(1);
                patience = Deadline::in(nudge.after);
                continue;
            }
            if (message[0] == log_mark) {
                log::write(static_cast<log::Level>(message[1] - '0'),
                           std::string_view{message}.substr(2));
                continue;
            }
            ::waitpid(child, nullptr, 0);
            if (message[0] == done_mark) return message[1] == '1' ? Change::made : Change::none;
            throw decoded(std::string_view{message}.substr(1));
        }
    }
}

}  // namespace san
