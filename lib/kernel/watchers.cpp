// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/watchers.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/process_lock.hpp"

namespace san {

namespace {

// How long a failed attempt, or the end of what is watched, may go unnoticed. Stop ends the process
// at once; this is for objects that others take away.
constexpr int look_ms = 5000;

Fd end_signal() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return Fd::adopt(::signalfd(-1, &set, SFD_CLOEXEC));
}

/// Whether one of the events that have come is about that file.
bool concerns(const Fd& events, const std::string& name) {
    alignas(inotify_event) std::array<char, 8192> buffer;
    const auto got = ::read(events.raw(), buffer.data(), buffer.size());
    bool found = false;
    for (std::size_t at = 0; got > 0 && at < static_cast<std::size_t>(got);) {
        inotify_event event;
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* of = buffer.data() + at + sizeof event;
        // Too many of them came at once, and some were dropped.
        found = found || (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name == of);
        at += sizeof event + event.len;
    }
    return found;
}

void keep_watching(const Watchers::Watch& watch) {
    const auto lock = process_lock::take(watch.lock);
    if (!lock) return;
    ::prctl(PR_SET_NAME, "san-watcher");
    // A process in it would keep a file system from being unmounted.
    if (::chdir("/") != 0) return;
    const auto end = end_signal();
    const auto events = Fd::adopt(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!end || !events ||
        ::inotify_add_watch(events.raw(), watch.file.parent_path().c_str(), IN_CLOSE_WRITE) < 0)
        return;
    const auto name = watch.file.filename().string();
    bool pending = true;
    while (watch.goes_on()) {
        if (pending) pending = !watch.work();
        std::array<pollfd, 2> wait{{{events.raw(), POLLIN, 0}, {end.raw(), POLLIN, 0}}};
        ::poll(wait.data(), wait.size(), look_ms);
        if (wait[1].revents != 0) return;
        if (wait[0].revents != 0 && concerns(events, name)) pending = true;
    }
}

class Watcher_processes final : public Watchers {
public:
    explicit Watcher_processes(Background& background) : background_{background} {}

    bool is_watched(const Path& lock) const override {
        return process_lock::find_holder(lock).has_value();
    }

    void start(const Watch& watch) override {
        background_.run([watch] { keep_watching(watch); });
    }

    void end(const Path& lock, const Deadline& deadline) override {
        process_lock::end_holder(lock, deadline);
    }

private:
    Background& background_;
};

}  // namespace

std::unique_ptr<Watchers> make_watchers(Background& background) {
    return std::make_unique<Watcher_processes>(background);
}

}  // namespace san
