// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace initiator {
namespace {

int open_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    const auto file = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (file < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
    return file;
}

// Rounded up, or the last fraction of a millisecond would be spent spinning.
int poll_timeout(Clock::duration left) {
    using std::chrono::milliseconds;
    const auto rounded = std::chrono::ceil<milliseconds>(left);
    return static_cast<int>(std::clamp(rounded, milliseconds{0}, milliseconds{60'000}).count());
}

}  // namespace

Stop::Stop(std::optional<std::chrono::milliseconds> allotted)
    : signals_(open_signals()),
      end_(allotted ? Clock::now() + *allotted : Clock::time_point::max()) {}

Stop::~Stop() { ::close(signals_); }

short Stop::wait(int file, short events, Clock::time_point until) {
    for (;;) {
        const auto now = Clock::now();
        // Once the end has come, the caller's own limit is what remains (a last answer).
        const auto limit = now < end_ ? std::min(until, end_) : until;
        pollfd files[] = {{file, events, 0}, {signals_, POLLIN, 0}};
        const auto ready = ::poll(files, 2, poll_timeout(limit - now));
        if (ready < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "poll");
        if (ready > 0 && files[1].revents != 0) {
            signalfd_siginfo received = {};
            if (::read(signals_, &received, sizeof received) > 0)
                end_ = std::min(end_, Clock::now());
            return files[0].revents;
        }
        if (ready > 0 || Clock::now() >= limit) return files[0].revents;
    }
}

}  // namespace initiator
