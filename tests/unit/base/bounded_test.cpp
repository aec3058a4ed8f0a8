// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bounded.hpp"

#include <array>
#include <unistd.h>

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

/// What a child waits for, and what ends that.
struct Gate {
    Gate() { REQUIRE(::pipe(ends.data()) == 0); }
    ~Gate() {
        for (const int end : ends) ::close(end);
    }
    void open() const { REQUIRE(::write(ends[1], "x", 1) == 1); }
    Change pass() const {
        char got = 0;
        return ::read(ends[0], &got, 1) == 1 ? Change::made : Change::none;
    }
    std::array<int, 2> ends{};
};

}  // namespace

TEST_CASE("a nudge is given once to a step that takes long") {
    Gate gate;
    int nudges = 0;
    const auto change = Forked{}.run(Deadline::in(20s),
                                     [&](const Bounded::Progress& progress) {
                                         progress("the gate");
                                         return gate.pass();
                                     },
                                     {.after = 20ms, .act = [&] {
                                          ++nudges;
                                          gate.open();
                                      }});
    CHECK(change == Change::made);
    CHECK(nudges == 1);
}

TEST_CASE("a nudge that fails changes nothing") {
    Gate gate;
    CHECK_THROWS_WITH(Forked{}.run(Deadline::in(100ms),
                                   [&](const Bounded::Progress& progress) {
                                       progress("the gate");
                                       return gate.pass();
                                   },
                                   {.after = 10ms,
                                    .act =
                                        [] {
                                            throw Error{Kind::failed, "no"};
                                        }}),
                      ContainsSubstring("time is up while waiting for the gate"));
    // The child is not left behind.
    gate.open();
}

TEST_CASE("work that is done at once gets no nudge") {
    bool nudged = false;
    CHECK(Forked{}.run(Deadline::in(20s), [](const Bounded::Progress&) { return Change::none; },
                       {.after = 5s, .act = [&] { nudged = true; }}) == Change::none);
    CHECK_FALSE(nudged);
}
