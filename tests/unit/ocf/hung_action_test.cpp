// SPDX-License-Identifier: GPL-2.0-or-later
// Actions after one that was given up while the kernel still works on it.
#include "ocf/hung_action.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

/// A process that lives until it is told to end, as one does that waits in the kernel.
class Process {
public:
    Process() : number_{::fork()} {
        if (number_ == 0) {
            ::pause();
            ::_exit(0);
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() { end(); }
    void kill() const { ::kill(number_, SIGKILL); }
    void end() {
        if (number_ <= 0) return;
        kill();
        ::waitpid(number_, nullptr, 0);
        number_ = 0;
    }
    pid_t number() const { return number_; }

private:
    pid_t number_;
};

/// A node whose /proc is the real one.
class Bench {
public:
    Bench() { std::filesystem::create_directory_symlink("/proc", root.path() / "proc"); }
    test::Fake_root root;
    Files files{root.path()};
    ocf::Hung_action hung{ocf::Environment{{{"OCF_RESOURCE_INSTANCE", "p_lu"}}}, files};
};

}  // namespace

TEST_CASE("hung action: none is found where none was given up") {
    Bench bench;
    CHECK_FALSE(bench.hung.find());
    bench.hung.wait(Deadline::in(0s));
}

TEST_CASE("hung action: found while its process lives, and waited for") {
    Bench bench;
    Process process;
    bench.hung.note(Abandoned{process.number(), "draining lun_1"});
    CHECK(bench.hung.find() == "draining lun_1");
    CHECK_THROWS_WITH(bench.hung.wait(Deadline::in(50ms)),
                      "time is up while still waiting for draining lun_1");
    CHECK(bench.hung.find());

    process.kill();  // a zombie until end()
    bench.hung.wait(Deadline::in(10s));
    CHECK_FALSE(bench.hung.find());
    CHECK_FALSE(bench.files.exists("/run/resource-agents/san-hung-p_lu"));
}

TEST_CASE("hung action: another process of the same number is not it") {
    Bench bench;
    Process process;
    bench.hung.note(Abandoned{process.number(), "draining lun_1"});
    const auto note = bench.files.find("/run/resource-agents/san-hung-p_lu").value();
    const auto number = std::to_string(process.number());
    bench.files.replace("/run/resource-agents/san-hung-p_lu", number + " 1 draining lun_1");
    CHECK_FALSE(bench.hung.find());
    bench.hung.wait(Deadline::in(0s));
    CHECK(note.starts_with(number + " "));
}

TEST_CASE("hung action: what is no note is passed over") {
    Bench bench;
    bench.files.replace("/run/resource-agents/san-hung-p_lu", "4711");
    CHECK_FALSE(bench.hung.find());
    bench.hung.wait(Deadline::in(0s));
}

TEST_CASE("hung action: a process that has ended already leaves no note") {
    Bench bench;
    Process process;
    const auto number = process.number();
    process.end();
    bench.hung.note(Abandoned{number, "draining lun_1"});
    CHECK_FALSE(bench.files.exists("/run/resource-agents/san-hung-p_lu"));
}

TEST_CASE("bounded: what the work logs is logged") {
    std::vector<std::string> lines;
    log::set_sink([&](log::Level level, std::string_view line) {
        lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string{line});
    });
    Forked bounded;
    bounded.run(Deadline::in(10s), [](const Bounded::Progress& progress) {
        progress("a step");
        log::info("made");
        log::warning("not made");
        return Change::made;
    });
    log::set_sink({});
    CHECK(lines == std::vector<std::string>{"1 made", "2 not made"});
}

TEST_CASE("bounded: work that does not end is given up with its last step") {
    Forked bounded;
    try {
        bounded.run(Deadline::in(200ms), [](const Bounded::Progress& progress) {
            progress("the end of the world");
            for (;;) ::pause();
            return Change::none;
        });
        FAIL("it ended");
    } catch (const Abandoned& failure) {
        CHECK(failure.step() == "the end of the world");
        CHECK(failure.process() > 0);
        ::waitpid(failure.process(), nullptr, 0);
    }
}
