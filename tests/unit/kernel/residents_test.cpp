// SPDX-License-Identifier: GPL-2.0-or-later
// The real process: what it does reaches the test through a FIFO.
#include "kernel/residents.hpp"

#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/process_lock.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

struct Home {
    Home() {
        ::mkfifo(fifo.c_str(), 0600);
        reports = Fd::adopt(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    }
    ~Home() { residents->end(lock, Deadline::in(10s)); }

    void start(const std::function<void()>& work) const {
        residents->start(lock, work, Deadline::in(10s));
    }
    static void report(const std::filesystem::path& to) {
        const auto fd = Fd::adopt(::open(to.c_str(), O_WRONLY | O_CLOEXEC));
        if (::write(fd.raw(), "x", 1) != 1) ::_exit(1);
    }
    bool reported(std::chrono::milliseconds within = 10s) const {
        pollfd wait{reports.raw(), POLLIN, 0};
        char letter = 0;
        return ::poll(&wait, 1, static_cast<int>(within.count())) > 0 &&
               ::read(reports.raw(), &letter, 1) == 1;
    }

    test::Fake_root root;
    std::filesystem::path lock = root.path() / "lock", fifo = root.path() / "fifo";
    Fd reports;
    Detached background;
    std::unique_ptr<Residents> residents = make_residents(background);
};

void wait_for_ever() {
    for (;;) ::pause();
}

}  // namespace

TEST_CASE("a resident is there when start returns, and gone when end does") {
    const Home home;
    CHECK_FALSE(home.residents->is_there(home.lock));
    home.start(wait_for_ever);
    CHECK(home.residents->is_there(home.lock));
    const auto process = process_lock::find_holder(home.lock);
    CHECK(std::filesystem::read_symlink("/proc/" + std::to_string(*process) + "/cwd") == "/");
    CHECK(::getsid(*process) != ::getsid(0));
    home.start(wait_for_ever);
    CHECK(process_lock::find_holder(home.lock) == process);
    home.residents->end(home.lock, Deadline::in(10s));
    CHECK_FALSE(home.residents->is_there(home.lock));
    home.residents->end(home.lock, Deadline::in(10s));
}

TEST_CASE("of many that are started at once one is there, and none comes after it") {
    for (int round = 0; round < 20; ++round) {
        const Home home;
        std::vector<pid_t> starters;
        for (int i = 0; i < 8; ++i) {
            starters.push_back(::fork());
            if (starters.back() == 0) {
                home.start(wait_for_ever);
                ::_exit(0);
            }
        }
        for (const auto starter : starters) {
            int status = 1;
            ::waitpid(starter, &status, 0);
            CHECK(status == 0);
        }
        CHECK(home.residents->is_there(home.lock));
        home.residents->end(home.lock, Deadline::in(10s));
        CHECK_FALSE(home.residents->is_there(home.lock));
    }
}

TEST_CASE("a resident is not ended in the middle of something") {
    const Home home;
    const auto go_on = home.root.path() / "go-on";
    ::mkfifo(go_on.c_str(), 0600);
    home.start([&] {
        const Uninterrupted hold;
        Home::report(home.fifo);
        std::ifstream waits{go_on};
        std::string line;
        std::getline(waits, line);
        Home::report(home.fifo);
    });
    REQUIRE(home.reported());
    const auto process = process_lock::find_holder(home.lock);
    REQUIRE(process.has_value());
    ::kill(*process, SIGTERM);
    CHECK_FALSE(home.reported(100ms));
    CHECK(home.residents->is_there(home.lock));
    std::ofstream{go_on} << "\n";
    CHECK(home.reported());
    home.residents->end(home.lock, Deadline::in(10s));
    CHECK_FALSE(home.residents->is_there(home.lock));
}

TEST_CASE("a resident that does not end is killed") {
    const Home home;
    home.start([] {
        const Uninterrupted hold;
        wait_for_ever();
    });
    home.residents->end(home.lock, Deadline::in(100ms));
    // The signal is delivered; that it is dead may take a moment more.
    const auto fd = Fd::adopt(::open(home.lock.c_str(), O_RDWR | O_CLOEXEC));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    CHECK(::fcntl(fd.raw(), F_SETLKW, &whole) == 0);
}

TEST_CASE("a resident that ends at once is not there") {
    const Home home;
    CHECK_THROWS_AS(home.residents->start(home.root.path() / "nosuch" / "lock", wait_for_ever,
                                          Deadline::in(100ms)),
                    Error);
    CHECK_FALSE(home.residents->is_there(home.root.path() / "nosuch" / "lock"));
}
