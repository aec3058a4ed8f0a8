// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/residents.hpp"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/text.hpp"
#include "kernel/process_lock.hpp"

namespace san {

namespace {

void reside(const Residents::Path& path, const std::function<void()>& work) {
    const auto lock = process_lock::take(path);
    if (!lock) return;
    ::prctl(PR_SET_NAME, "san-resident");
    // A process in it would keep a file system from being unmounted.
    if (::chdir("/") != 0) return;
    // Whatever the caller did with it: this is how the process is ended.
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGTERM, &usual, nullptr);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
    // Whoever starts it waits for this.
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.raw(), 0) != 0 || ::write(lock.raw(), pid.data(), pid.size()) < 0) return;
    work();
}

class Resident_processes final : public Residents {
public:
    explicit Resident_processes(Background& background) : background_{background} {}

    bool is_there(const Path& lock) const override {
        return process_lock::find_holder(lock).has_value();
    }

    void start(const Path& lock, const std::function<void()>& work,
               const Deadline& deadline) override {
        const auto events = Fd::adopt(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        if (!events || ::inotify_add_watch(events.raw(), lock.parent_path().c_str(), IN_MODIFY) < 0)
            throw system_error("watching " + lock.parent_path().string(), errno);
        background_.run([lock, work] { reside(lock, work); });
        while (!is_there(lock)) {
            pollfd wait{events.raw(), POLLIN, 0};
            if (deadline.expired())
                throw Error{Kind::failed, "the process that keeps " + lock.string() +
                                              " locked did not come up in time"};
            ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
            std::array<char, 4096> ignored{};
            while (::read(events.raw(), ignored.data(), ignored.size()) > 0) {
            }
        }
    }

    void end(const Path& lock, const Deadline& deadline) override {
        process_lock::end_holder(lock, deadline);
    }

private:
    Background& background_;
};

}  // namespace

std::unique_ptr<Residents> make_residents(Background& background) {
    return std::make_unique<Resident_processes>(background);
}

}  // namespace san
