// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/process_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace san::process_lock {

namespace {

struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

Fd open(const std::filesystem::path& path) {
    return Fd::adopt(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

}  // namespace

std::optional<pid_t> find_holder(const std::filesystem::path& path) {
    // Not waiting for whoever writes what is no file.
    constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const auto fd = Fd::adopt(::open(path.c_str(), flags));
    auto lock = whole_file();
    if (!fd || ::fcntl(fd.raw(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return {};
    return lock.l_pid;
}

Fd take(const std::filesystem::path& path) {
    auto fd = open(path);
    auto lock = whole_file();
    struct stat ours {
    }, there{};
    if (!fd || ::fcntl(fd.raw(), F_SETLK, &lock) != 0 || ::fstat(fd.raw(), &ours) != 0 ||
        ::stat(path.c_str(), &there) != 0 || ours.st_ino != there.st_ino)
        return {};
    return fd;
}

Fd await(const std::filesystem::path& path) {
    auto fd = open(path);
    auto lock = whole_file();
    int result = -1;
    while (fd && (result = ::fcntl(fd.raw(), F_SETLKW, &lock)) != 0 && errno == EINTR) {
    }
    return result == 0 ? std::move(fd) : Fd{};
}

void end_holder(const std::filesystem::path& path, const Deadline& deadline) {
    const auto process = find_holder(path);
    if (!process) return;
    const auto handle = Fd::adopt(static_cast<int>(::syscall(SYS_pidfd_open, *process, 0)));
    // Asked again: now the handle is of the process that has the lock, or of none.
    if (!handle || find_holder(path) != process) return;
    ::syscall(SYS_pidfd_send_signal, handle.raw(), SIGTERM, nullptr, 0);
    pollfd wait{handle.raw(), POLLIN, 0};
    while (!deadline.expired()) {
        const auto ready = ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) break;
    }
    ::syscall(SYS_pidfd_send_signal, handle.raw(), SIGKILL, nullptr, 0);
}

}  // namespace san::process_lock
