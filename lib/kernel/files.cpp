// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/directory.hpp"
#include "base/error.hpp"
#include "base/writing.hpp"

namespace san {

namespace fs = std::filesystem;

namespace {

/// Each that is missing, for all to look into and for us to write, whatever the caller's umask is.
void make_directories(const fs::path& path) {
    std::error_code ignored;
    if (path.empty() || fs::is_directory(path, ignored)) return;
    make_directories(path.parent_path());
    if (::mkdir(path.c_str(), 0755) == 0) ::chmod(path.c_str(), 0755);
}

/// Nobody else's, with the permissions of what it takes the place of: what others could read, they
/// still can. What is new is ours alone, as it may be a copy of what is.
void set_mode(const Fd& fd, const fs::path& instead_of) {
    struct stat info {};
    const bool had = ::lstat(instead_of.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
                     info.st_uid == ::geteuid();
    ::fchmod(fd.raw(), had ? info.st_mode & 0755 : 0600);
}

}  // namespace

fs::path Files::at(const fs::path& path) const { return root_ / path.relative_path(); }

bool Files::exists(const fs::path& path) const {
    std::error_code ignored;
    return fs::exists(at(path), ignored);
}

std::optional<std::string> Files::find(const fs::path& path) const {
    const auto fd = Fd::adopt(::open(at(path).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT || errno == ENOTDIR) return {};
        throw system_error("reading " + path.string(), errno);
    }
    std::string content;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto got = ::read(fd.raw(), buffer.data(), buffer.size());
        if (got == 0) return content;
        if (got > 0)
            content.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            throw system_error("reading " + path.string(), errno);
    }
}

std::vector<std::string> Files::names(const fs::path& path) const {
    // Of a process that ends meanwhile the rest is absent too.
    return san::names(list(at(path)));
}

std::optional<Device_number> Files::find_block_device(const fs::path& path) const {
    struct stat info {};
    if (::stat(at(path).c_str(), &info) != 0 || !S_ISBLK(info.st_mode)) return {};
    return Device_number{major(info.st_rdev), minor(info.st_rdev)};
}

std::optional<std::string> Files::find_link(const fs::path& path) const {
    std::error_code absent;
    const auto target = fs::read_symlink(at(path), absent);
    if (absent) return {};
    return target.string();
}

bool Files::is_regular(const fs::path& path) const {
    std::error_code ignored;
    return fs::is_regular_file(at(path), ignored);
}

bool Files::is_private(const fs::path& path) const {
    struct stat info {};
    return ::lstat(at(path).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_uid == ::geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

std::optional<unsigned> Files::find_mode(const fs::path& path) const {
    struct stat info {};
    if (::stat(at(path).c_str(), &info) != 0) return {};
    return info.st_mode & 07777;
}

std::optional<std::uintmax_t> Files::find_size(const fs::path& path) const {
    std::error_code absent;
    const auto size = fs::file_size(at(path), absent);
    if (absent || !is_regular(path)) return {};
    return size;
}

void Files::read_directly(const fs::path& path) const {
    const auto fd = Fd::adopt(::open(at(path).c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
    if (!fd && errno == EINVAL) return;
    if (!fd) throw system_error("opening " + path.string(), errno);
    // At least as large, and as aligned, as any device's sectors.
    alignas(4096) std::array<char, 4096> buffer;
    while (::pread(fd.raw(), buffer.data(), buffer.size(), 0) < 0)
        if (errno != EINTR) throw system_error("reading " + path.string(), errno);
}

Change Files::touch(const fs::path& path) const {
    const bool there = exists(path);
    make_directories(at(path).parent_path());
    // Not what a link of somebody else leads to, nor waiting for whoever reads what is no file.
    constexpr int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const auto fd = Fd::adopt(::open(at(path).c_str(), flags, 0600));
    if (!fd || ::futimens(fd.raw(), nullptr) != 0)
        throw system_error("writing " + path.string(), errno);
    return there ? Change::none : Change::made;
}

Change Files::replace(const fs::path& path, std::string_view content) const {
    return write(path, content, false);
}

Change Files::replace_durably(const fs::path& path, std::string_view content) const {
    return write(path, content, true);
}

Change Files::write(const fs::path& path, std::string_view content, bool durably) const {
    const bool there = exists(path);
    const auto problem = [&] { return system_error("writing " + path.string(), errno); };
    const auto fresh = at(unfinished(path)).string();
    const auto open = [&] {
        // What one that was killed has left, or what somebody has put there to have it afterwards.
        ::unlink(fresh.c_str());
        return Fd::adopt(
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    };
    make_directories(at(path).parent_path());
    auto fd = open();
    // Another process has just taken the empty directory away.
    if (!fd && errno == ENOENT) {
        make_directories(at(path).parent_path());
        fd = open();
    }
    if (!fd) throw problem();
    set_mode(fd, at(path));
    try {
        write_whole(fd, content, path.string());
    } catch (...) {
        ::unlink(fresh.c_str());
        throw;
    }
    if ((durably && ::fsync(fd.raw()) != 0) || ::rename(fresh.c_str(), at(path).c_str()) != 0) {
        const auto failure = problem();
        ::unlink(fresh.c_str());
        throw failure;
    }
    return there ? Change::none : Change::made;
}

fs::path Files::unfinished(const fs::path& path) {
    return path.parent_path() / ("." + path.filename().string() + ".new");
}

bool Files::is_directory(const fs::path& path) const {
    std::error_code ignored;
    return fs::is_directory(at(path), ignored);
}

Change Files::make_directory(const fs::path& path) const {
    if (is_directory(path)) return Change::none;
    make_directories(at(path));
    if (!is_directory(path))
        throw Error{Kind::failed, "making " + path.string() + ": not possible"};
    return Change::made;
}

Fd Files::lock(const fs::path& directory) const {
    make_directories(at(directory).parent_path());
    // Whoever can open a directory can lock it, and a stop would wait for him.
    ::mkdir(at(directory).c_str(), S_IRWXU);
    auto fd =
        Fd::adopt(::open(at(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (fd) ::fchmod(fd.raw(), S_IRWXU);
    while (fd && ::flock(fd.raw(), LOCK_EX) != 0)
        if (errno != EINTR) fd.close();
    if (!fd) throw system_error("locking " + directory.string(), errno);
    return fd;
}

Fd Files::closings_of(const std::vector<fs::path>& paths) const {
    auto events = Fd::adopt(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (events)
        for (const auto& path : paths)
            ::inotify_add_watch(events.raw(), at(path).c_str(), IN_CLOSE);
    return events;
}

void Files::link(const fs::path& link, const fs::path& target) const {
    const auto fresh = at(unfinished(link));
    ::unlink(fresh.c_str());
    if (::symlink(at(target).c_str(), fresh.c_str()) != 0 ||
        ::rename(fresh.c_str(), at(link).c_str()) != 0)
        throw system_error("linking " + link.string(), errno);
}

bool Files::make_synchronous(const fs::path& path) const {
    const auto fd =
        Fd::adopt(::open(at(path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) throw system_error("opening " + path.string(), errno);
    int flags = 0;
    if (::ioctl(fd.raw(), FS_IOC_GETFLAGS, &flags) != 0) return false;
    if ((flags & FS_SYNC_FL) != 0) return true;
    flags |= FS_SYNC_FL;
    return ::ioctl(fd.raw(), FS_IOC_SETFLAGS, &flags) == 0;
}

void Files::remove_if_empty(const fs::path& path) const { ::rmdir(at(path).c_str()); }

Change Files::remove(const fs::path& path) const {
    if (::unlink(at(path).c_str()) == 0) return Change::made;
    // No file can have a name that is too long.
    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) return Change::none;
    throw system_error("removing " + path.string(), errno);
}

}  // namespace san
