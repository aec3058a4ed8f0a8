// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/configfs.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/text.hpp"

namespace san {

namespace {

// An attribute is at most one page (fs/configfs/file.c, SIMPLE_ATTR_SIZE), a link's target less
// (fs/configfs/symlink.c, 6.1).
constexpr std::size_t page = 4096;

bool gone(int errnum) { return errnum == ENOENT || errnum == ENOTDIR; }

}  // namespace

std::optional<std::string> Mounted_configfs::find(const Path& attribute) const {
    const auto fd = Fd::adopt(::open((mount_ / attribute).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        if (gone(errno)) return {};
        throw system_error("reading " + attribute.string(), errno);
    }
    std::array<char, page> value{};
    const auto got = ::read(fd.raw(), value.data(), value.size());
    if (got < 0) throw system_error("reading " + attribute.string(), errno);
    return std::string{text::trimmed({value.data(), static_cast<std::size_t>(got)})};
}

bool Mounted_configfs::has(const Path& directory) const {
    struct stat info {};
    if (::lstat((mount_ / directory).c_str(), &info) == 0) return S_ISDIR(info.st_mode);
    if (gone(errno)) return false;
    throw system_error("looking for " + directory.string(), errno);
}

std::optional<std::vector<std::string>> Mounted_configfs::find_entries(
    const Path& directory) const {
    const auto inside = list(mount_ / directory);
    if (gone(inside.errnum)) return {};
    if (inside.errnum != 0) throw system_error("listing " + directory.string(), inside.errnum);
    std::vector<std::string> names;
    for (const auto& entry : inside.entries)
        if (entry.holds_or_leads) names.push_back(entry.name);
    return names;
}

std::optional<Configfs::Path> Mounted_configfs::find_link(const Path& link) const {
    std::array<char, page> target;
    const auto got = ::readlink((mount_ / link).c_str(), target.data(), target.size());
    if (got < 0) {
        // EINVAL: there, but a directory or a file.
        if (gone(errno) || errno == EINVAL) return {};
        throw system_error("reading link " + link.string(), errno);
    }
    // configfs prints targets relative to the link's own directory.
    const std::string_view raw{target.data(), static_cast<std::size_t>(got)};
    return (link.parent_path() / raw).lexically_normal();
}

void Mounted_configfs::write(const Path& attribute, std::string_view value) {
    // No O_CREAT, no O_TRUNC: the kernel owns these files.
    const auto fd = Fd::adopt(::open((mount_ / attribute).c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) throw system_error("opening " + attribute.string(), errno);
    const auto put = ::write(fd.raw(), value.data(), value.size());
    if (put < 0) throw system_error("writing " + attribute.string(), errno);
    if (static_cast<std::size_t>(put) != value.size())
        throw Error{Kind::failed, "writing " + attribute.string() + ": the kernel took " +
                                      std::to_string(put) + " of " + std::to_string(value.size()) +
                                      " bytes"};
}

Change Mounted_configfs::make(const Path& directory) {
    if (::mkdir((mount_ / directory).c_str(), 0755) == 0) return Change::made;
    if (errno == EEXIST) return Change::none;
    throw system_error("making " + directory.string(), errno);
}

Change Mounted_configfs::remove(const Path& directory) {
    // EINTR: a signal came while waiting for the locks of the directory entries; nothing happened.
    int result = 0;
    while ((result = ::rmdir((mount_ / directory).c_str())) != 0 && errno == EINTR) {
    }
    if (result == 0) return Change::made;
    if (gone(errno)) return Change::none;
    throw system_error("removing " + directory.string(), errno);
}

Change Mounted_configfs::link(const Path& link, const Path& target) {
    if (find_link(link) == target.lexically_normal()) return Change::none;
    if (::symlink((mount_ / target).c_str(), (mount_ / link).c_str()) == 0) return Change::made;
    throw system_error("linking " + link.string() + " to " + target.string(), errno);
}

Change Mounted_configfs::unlink(const Path& link) {
    if (::unlink((mount_ / link).c_str()) == 0) return Change::made;
    if (gone(errno)) return Change::none;
    throw system_error("unlinking " + link.string(), errno);
}

}  // namespace san
