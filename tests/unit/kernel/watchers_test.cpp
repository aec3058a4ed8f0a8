// SPDX-License-Identifier: GPL-2.0-or-later
// The real process: what it does reaches the test through a FIFO.
#include "kernel/watchers.hpp"

#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <set>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

class Watched {
public:
    Watched() {
        ::mkfifo(fifo.c_str(), 0600);
        // For both, so that opening waits for nobody.
        reports = Fd::adopt(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    }
    ~Watched() { watchers->end(watch().lock, Deadline::in(10s)); }

    Watchers::Watch watch() const {
        return {.lock = root.path() / "lock",
                .file = root.path() / "file",
                .goes_on = [at = root.path() / "over"] { return !std::filesystem::exists(at); },
                .work =
                    [at = fifo] {
                        const auto to = Fd::adopt(::open(at.c_str(), O_WRONLY | O_CLOEXEC));
                        return ::write(to.raw(), "x", 1) == 1;
                    }};
    }
    void write(const std::string& name) const { std::ofstream{root.path() / name} << "x"; }

    /// Whether the work is done, within so long.
    bool worked(std::chrono::milliseconds within = 10s) const {
        pollfd wait{reports.raw(), POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(within.count())) <= 0) return false;
        char letter = 0;
        return ::read(reports.raw(), &letter, 1) == 1;
    }
    /// Waits until nobody has the lock.
    void wait_for_end() const {
        const auto fd = Fd::adopt(::open(watch().lock.c_str(), O_RDWR | O_CLOEXEC));
        struct flock lock {};
        lock.l_type = F_WRLCK;
        ::fcntl(fd.raw(), F_SETLKW, &lock);
    }
    /// The process, as the kernel tells who has the lock.
    pid_t process() const {
        const auto fd = Fd::adopt(::open(watch().lock.c_str(), O_RDONLY | O_CLOEXEC));
        struct flock lock {};
        lock.l_type = F_WRLCK;
        ::fcntl(fd.raw(), F_GETLK, &lock);
        return lock.l_pid;
    }

    test::Fake_root root;
    std::filesystem::path fifo = root.path() / "fifo";
    Fd reports;
    Detached background;
    std::unique_ptr<Watchers> watchers = make_watchers(background);
};

}  // namespace

TEST_CASE("a watcher works at its beginning and after each write, until it is ended") {
    Watched it;
    CHECK_FALSE(it.watchers->is_watched(it.watch().lock));
    it.watchers->start(it.watch());
    REQUIRE(it.worked());
    CHECK(it.watchers->is_watched(it.watch().lock));
    it.write("file");
    CHECK(it.worked());
    it.write("another");
    CHECK_FALSE(it.worked(100ms));
    it.watchers->end(it.watch().lock, Deadline::in(10s));
    CHECK_FALSE(it.watchers->is_watched(it.watch().lock));
    it.write("file");
    CHECK_FALSE(it.worked(100ms));
}

TEST_CASE("a second watcher leaves the first alone, and one follows another that was killed") {
    Watched it;
    it.watchers->start(it.watch());
    REQUIRE(it.worked());
    const auto first = it.process();
    it.watchers->start(it.watch());
    CHECK_FALSE(it.worked(200ms));
    CHECK(it.process() == first);
    ::kill(first, SIGKILL);
    it.wait_for_end();
    it.watchers->start(it.watch());
    CHECK(it.worked());
    CHECK(it.process() != first);
}

TEST_CASE("a watcher ends when there is nothing left to watch") {
    Watched it;
    it.watchers->start(it.watch());
    REQUIRE(it.worked());
    it.write("over");
    it.write("file");
    it.wait_for_end();
    CHECK_FALSE(it.watchers->is_watched(it.watch().lock));
}

TEST_CASE("a watcher keeps nothing of its caller: no pipe, no directory, no session") {
    Watched it;
    it.watchers->start(it.watch());
    REQUIRE(it.worked());
    const auto process = std::filesystem::path{"/proc"} / std::to_string(it.process());
    std::set<std::string> open;
    for (const auto& fd : std::filesystem::directory_iterator{process / "fd"})
        open.insert(std::filesystem::read_symlink(fd));
    open.erase(it.fifo);  // the work's own, which it may just be closing
    CHECK(open == std::set<std::string>{"/dev/null", it.watch().lock, "anon_inode:[signalfd]",
                                        "anon_inode:inotify"});
    CHECK(std::filesystem::read_symlink(process / "cwd") == "/");
    CHECK(::getsid(it.process()) != ::getsid(0));
}
