// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/scst.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/directory.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/process_lock.hpp"

namespace san {

namespace {

// What sysfs gives at once (fs/sysfs/file.c, 6.1).
constexpr std::size_t page = 4096;

class Mounted_scst_tree final : public Scst_tree {
public:
    Mounted_scst_tree(Path root, Path lock) : root_{std::move(root)}, lock_{std::move(lock)} {}

    bool is_loaded() const override { return has(""); }

    bool has(const Path& entry) const override {
        struct stat info {};
        return ::lstat(at(entry).c_str(), &info) == 0;
    }

    std::vector<std::string> names(const Path& directory) const override {
        return san::names(list(at(directory)));
    }

    std::optional<Path> find_link(const Path& link) const override {
        std::error_code absent;
        const auto raw = std::filesystem::read_symlink(at(link), absent);
        if (absent) return {};
        return (link.parent_path() / raw).lexically_normal();
    }

    Answer read(const Path& attribute) const override {
        const auto fd = Fd::adopt(::open(at(attribute).c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd) return {.errnum = errno};
        std::array<char, page> value{};
        const auto got = ::read(fd.raw(), value.data(), value.size());
        if (got < 0) return {.errnum = errno};
        return {.text = {value.data(), static_cast<std::size_t>(got)}};
    }

    int write(const Path& attribute, std::string_view data) override {
        const auto fd = Fd::adopt(::open(at(attribute).c_str(), O_WRONLY | O_CLOEXEC));
        if (!fd) return errno;
        // Not repeated after EINTR: it is queued by then.
        return ::write(fd.raw(), data.data(), data.size()) < 0 ? errno : 0;
    }

    std::shared_ptr<void> lock() override {
        auto held = process_lock::await(lock_);
        if (!held) throw system_error("locking " + lock_.string(), errno);
        return std::make_shared<Fd>(std::move(held));
    }

private:
    Path at(const Path& path) const { return path.empty() ? root_ : root_ / path; }
    Path root_;
    Path lock_;
};

}  // namespace

std::unique_ptr<Scst_tree> make_scst_tree(Scst_tree::Path root, std::filesystem::path lock) {
    return std::make_unique<Mounted_scst_tree>(std::move(root), std::move(lock));
}

}  // namespace san
