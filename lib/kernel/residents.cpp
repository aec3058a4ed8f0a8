// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/residents.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/process_lock.hpp"

namespace san {

namespace {

/// `starter` hears that the lock is taken, by a letter, or that it could not be, by the end.
void reside(const Residents::Path& path, const std::function<void()>& work, Fd starter) {
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
    // For people; who asks the kernel for the holder of the lock does not need it.
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.raw(), 0) != 0 || ::write(lock.raw(), pid.data(), pid.size()) < 0) return;
    // When the starter has died, a stop may have looked for a resident already.
    ::signal(SIGPIPE, SIG_IGN);
    if (::write(starter.raw(), "x", 1) != 1) return;
    starter = Fd{};
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
        // The one that had the lock may end while another tries to take it: hence twice.
        for (int attempt = 0; attempt < 2; ++attempt)
            if (is_there(lock) || try_to_start(lock, work, deadline)) return;
        if (!is_there(lock)) throw Error{Kind::failed, "no process can lock " + lock.string()};
    }

    void end(const Path& lock, const Deadline& deadline) override {
        process_lock::end_holder(lock, deadline);
    }

private:
    /// False when its process ended without the lock.
    bool try_to_start(const Path& lock, const std::function<void()>& work,
                      const Deadline& deadline) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("making a pipe", errno);
        const auto report = Fd::adopt(ends[0]);
        auto reporter = Fd::adopt(ends[1]);
        background_.run([&] { reside(lock, work, std::move(reporter)); }, reporter.raw());
        reporter = Fd{};
        pollfd wait{report.raw(), POLLIN, 0};
        while (::poll(&wait, 1, static_cast<int>(deadline.left().count())) <= 0)
            if (deadline.expired())
                throw Error{Kind::failed, "the process that keeps " + lock.string() +
                                              " locked did not come up in time"};
        char letter = 0;
        return ::read(report.raw(), &letter, 1) == 1;
    }

    Background& background_;
};

}  // namespace

std::unique_ptr<Residents> make_residents(Background& background) {
    return std::make_unique<Resident_processes>(background);
}

}  // namespace san
