// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/log.hpp"

namespace san::cluster {

namespace {

using namespace std::chrono_literals;

bool is_ours(const struct stat& info) { return info.st_uid == 0 || info.st_uid == ::geteuid(); }

/// Whether nobody but us can take names away in there.
bool is_kept(const struct stat& info) {
    constexpr mode_t others = S_IWGRP | S_IWOTH;
    return is_ours(info) && ((info.st_mode & others) == 0 || (info.st_mode & S_ISVTX) != 0);
}

Fd open_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) log::warning("cannot make ", path);
    struct stat name {
    }, info{};
    // The link as well as what it leads to: /var/lock is one.
    if (::lstat(path.c_str(), &name) != 0 || !is_ours(name)) return {};
    auto directory = Fd::adopt(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fstat(directory.raw(), &info) != 0 || !is_kept(info)) return {};
    return directory;
}

Fd open_file(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto directory = open_directory(slash == 0 ? "/" : path.substr(0, slash));
    if (!directory) return {};
    // Not blocked by what is no file at all.
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    auto file = Fd::adopt(::openat(directory.raw(), path.substr(slash + 1).c_str(), flags, 0600));
    struct stat info {};
    if (!file || ::fstat(file.raw(), &info) != 0 || !S_ISREG(info.st_mode) || !is_ours(info))
        return {};
    // Whoever may read a file may lock it; the scripts leave theirs readable.
    ::fchmod(file.raw(), 0600);
    return file;
}

}  // namespace

Fd take_fence_lock(const std::string& path, std::chrono::seconds patience) {
    auto file = open_file(path);
    if (!file) log::warning(path, ": expected a file, in a directory, that others cannot replace");
    const auto end = std::chrono::steady_clock::now() + patience;
    // flock(2) waits without a deadline, so it is asked for now and then.
    while (file && ::flock(file.raw(), LOCK_EX | LOCK_NB) != 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || std::chrono::steady_clock::now() >= end) {
            file.close();
            break;
        }
        std::this_thread::sleep_for(50ms);
    }
    return file;
}

}  // namespace san::cluster
