// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/background.hpp"

#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "base/error.hpp"

namespace san {

namespace {

void let_go_of_the_caller(std::optional<int> kept) {
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
    // Else the next line of the log would go to whatever has its number by then.
    ::closelog();
    const auto all = [](unsigned from, unsigned to) {
        if (from <= to) ::syscall(SYS_close_range, from, to, 0U);
    };
    const auto spared = static_cast<unsigned>(kept.value_or(2));
    all(3U, spared - 1);
    all(spared + 1, ~0U);
}

}  // namespace

void Detached::run(const Work& work, std::optional<int> kept) {
    // Forked twice, so that the child in between can be waited for and the other is nobody's
    // zombie.
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child < 0) throw system_error("starting a child", errno);
    if (child > 0) {
        while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
        return;
    }
    // What an action that was killed had not started yet is not started behind its back.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    if (::fork() != 0) ::_exit(0);
    let_go_of_the_caller(kept);
    try {
        work();
    } catch (const std::exception&) {
        ::_exit(1);
    }
    ::_exit(0);
}

}  // namespace san
