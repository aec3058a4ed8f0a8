// SPDX-License-Identifier: GPL-2.0-or-later
// Real programs of the base system: /bin/sh, cat, sleep.
#include "base/command.hpp"

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/background.hpp"
#include "base/bounded.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {
const auto soon = [] { return Deadline::in(10s); };
}

TEST_CASE("Programs: input, both outputs and the status come back") {
    Programs programs;
    const auto outcome =
        programs.run({"sh", "-c", "cat; echo oops >&2; exit 3"}, soon(), "hello\n");
    CHECK(outcome.status == 3);
    CHECK(outcome.out == "hello\n");
    CHECK(outcome.err == "oops\n");
    CHECK(outcome.complaint() == "oops");
}

TEST_CASE(
    "Programs: large output does not block, a child that ignores its input does not kill us") {
    Programs programs;
    const auto outcome =
        programs.run({"sh", "-c", "head -c 300000 /dev/zero"}, soon(), std::string(300000, 'x'));
    CHECK(outcome.ok());
    CHECK(outcome.out.size() == 300000);
}

TEST_CASE("Programs: the C locale is set, a signal is a status") {
    Programs programs;
    CHECK(programs.run({"sh", "-c", "echo $LC_ALL"}, soon(), {}).out == "C\n");
    CHECK(programs.run({"sh", "-c", "kill -9 $$"}, soon(), {}).status == 128 + 9);
}

TEST_CASE("Programs: a child gets three descriptors, and SIGPIPE as it comes with a process") {
    Programs programs;
    const int leaked = ::dup2(STDIN_FILENO, 77);
    REQUIRE(leaked == 77);
    CHECK(programs.run({"sh", "-c", "test ! -e /proc/$$/fd/77"}, soon(), {}).ok());
    ::close(leaked);
    // Bit 12 of the mask is signal 13.
    const auto mask = programs.run({"grep", "SigIgn", "/proc/self/status"}, soon(), {}).out;
    CHECK((std::stoull(mask.substr(mask.find(':') + 1), nullptr, 16) & 0x1000U) == 0);
}

TEST_CASE("Programs: a missing program and a status that must be 0 are errors") {
    Programs programs;
    CHECK_FALSE(programs.has("no-such-program"));
    try {
        programs.run({"no-such-program"}, soon(), {});
        FAIL("must throw");
    } catch (const Error& failure) {
        CHECK(failure.kind() == Kind::not_installed);
    }
    CHECK_THROWS_WITH(programs.must({"sh", "-c", "echo no luck; exit 1"}, soon()),
                      ContainsSubstring("no luck"));
}

TEST_CASE("Programs: the deadline ends a program that hangs") {
    Programs programs;
    const auto before = std::chrono::steady_clock::now();
    CHECK_THROWS_WITH(programs.run({"sleep", "60"}, Deadline::in(100ms), {}),
                      ContainsSubstring("sleep 60"));
    CHECK(std::chrono::steady_clock::now() - before < 30s);
}

TEST_CASE("Forked: what the work finds comes back") {
    Forked bounded;
    CHECK(bounded.run(soon(), [](const auto&) { return Change::made; }) == Change::made);
    CHECK(bounded.run(soon(), [](const auto&) { return Change::none; }) == Change::none);
    try {
        bounded.run(soon(), [](const auto&) -> Change {
            throw Error{Kind::not_permitted, "rmdir: not you", 13};
        });
        FAIL("must throw");
    } catch (const Error& failure) {
        CHECK(failure.kind() == Kind::not_permitted);
        CHECK(failure.errnum() == 13);
        CHECK(std::string{failure.what()} == "rmdir: not you");
    }
}

TEST_CASE("Forked: at the deadline the step that blocks is named") {
    Forked bounded;
    CHECK_THROWS_WITH(bounded.run(Deadline::in(200ms),
                                  [](const Bounded::Progress& progress) {
                                      progress("the first thing");
                                      progress("commands of LUN 1");
                                      ::pause();
                                      return Change::made;
                                  }),
                      ContainsSubstring("waiting for commands of LUN 1"));
}

TEST_CASE("Forked: a child that dies is an error, not silence") {
    Forked bounded;
    CHECK_THROWS_WITH(bounded.run(soon(),
                                  [](const auto&) -> Change {
                                      ::kill(::getpid(), SIGKILL);
                                      return Change::none;
                                  }),
                      ContainsSubstring("died"));
}

TEST_CASE("Forked: a child does not outlive the action") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const auto action = ::fork();
    REQUIRE(action >= 0);
    if (action == 0) {
        Forked bounded;
        bounded.run(Deadline::in(60s), [&](const auto&) {
            CHECK(::write(ends[1], "x", 1) == 1);
            ::pause();
            return Change::none;
        });
    }
    ::close(ends[1]);
    char byte = 0;
    REQUIRE(::read(ends[0], &byte, 1) == 1);
    ::kill(action, SIGKILL);
    ::waitpid(action, nullptr, 0);
    // The end of the pipe comes when the last process that has it is gone.
    pollfd end{ends[0], POLLIN, 0};
    CHECK(::poll(&end, 1, 10000) == 1);
    ::close(ends[0]);
}

TEST_CASE("Detached: the caller goes on, and nothing that it holds is held on") {
    std::array<int, 2> held{};
    REQUIRE(::pipe(held.data()) == 0);
    REQUIRE(::mkfifo("detached-gate", 0600) == 0);
    Detached{}.run([] {
        // Waits until the test opens the other end.
        Fd::adopt(::open("detached-gate", O_WRONLY));
    });
    ::close(held[1]);
    pollfd end{held[0], POLLIN, 0};
    CHECK(::poll(&end, 1, 10000) == 1);
    ::close(held[0]);
    // It still runs: the gate opens.
    const auto other_end = Fd::adopt(::open("detached-gate", O_RDONLY));
    CHECK(other_end.raw() >= 0);
    ::unlink("detached-gate");
}
