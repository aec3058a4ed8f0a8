// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/new_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/writing.hpp"

namespace san::stack {

namespace {

/// Removes the name under which a file was written.
class Unfinished {
public:
    explicit Unfinished(const std::filesystem::path& path) : name_{path.string() + ".XXXXXX"} {
        fd_ = Fd::adopt(::mkostemp(name_.data(), O_CLOEXEC));
        if (!fd_) throw system_error("making " + name_, errno);
    }
    ~Unfinished() { ::unlink(name_.c_str()); }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    void write(std::string_view content) const {
        write_whole(fd_, content, name_);
        if (::fchmod(fd_.raw(), 0644) != 0 || ::fsync(fd_.raw()) != 0)
            throw system_error("writing " + name_, errno);
    }
    const char* name() const { return name_.c_str(); }

private:
    std::string name_;
    Fd fd_{};
};

}  // namespace

void make_new_file(const std::filesystem::path& path, std::string_view content) {
    std::error_code problem;
    std::filesystem::create_directories(path.parent_path(), problem);
    if (problem) throw system_error("making " + path.parent_path().string(), problem.value());
    const Unfinished file{path};
    file.write(content);
    if (::link(file.name(), path.c_str()) == 0) return;
    if (errno == EEXIST)
        throw Error{Kind::misconfigured, path.string() + " is there already, and stays as it is"};
    throw system_error("making " + path.string(), errno);
}

}  // namespace san::stack
