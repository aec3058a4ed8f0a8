// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"

#include <cerrno>

#include "base/rollback.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Error: context grows at the front, second failures at the end") {
    Error failure{Kind::failed, "no such device"};
    failure.within("adding 10.0.0.7/24").within("start").also("eth1 is down");
    CHECK(std::string{failure.what()} ==
          "start: adding 10.0.0.7/24: no such device; also: eth1 is down");
}

TEST_CASE("Error: missing privileges are told apart from other system errors") {
    CHECK(system_error("x", EPERM).kind() == Kind::not_permitted);
    CHECK(system_error("x", EACCES).kind() == Kind::not_permitted);
    CHECK(system_error("x", EIO).kind() == Kind::failed);
    CHECK(system_error("x", EIO).errnum() == EIO);
}

TEST_CASE("Rollback: undoes newest first, and not after success") {
    std::string trace;
    Rollback rollback;
    CHECK_THROWS_AS(rollback.guard([&] {
        rollback.on_failure([&] { trace += "a"; });
        rollback.on_failure([&] { trace += "b"; });
        throw Error{Kind::failed, "third step"};
    }),
                    Error);
    CHECK(trace == "ba");

    Rollback fine;
    fine.guard([&] { fine.on_failure([&] { trace += "c"; }); });
    CHECK(trace == "ba");
}

TEST_CASE("Rollback: a failing undo is reported with what caused it") {
    Rollback rollback;
    try {
        rollback.guard([&] {
            rollback.on_failure([] { throw Error{Kind::failed, "undo failed"}; });
            throw Error{Kind::not_installed, "step failed"};
        });
        FAIL("guard must rethrow");
    } catch (const Error& failure) {
        CHECK(std::string{failure.what()} == "step failed; also: undo failed");
        CHECK(failure.kind() == Kind::not_installed);
    }
}

TEST_CASE("Best_effort: runs every step and reports the first failure with the rest") {
    int ran = 0;
    Best_effort effort;
    effort.step([&] {
        ++ran;
        throw Error{Kind::failed, "one"};
    });
    effort.step([&] { ++ran; });
    effort.step([&] {
        ++ran;
        throw Error{Kind::failed, "three"};
    });
    CHECK(ran == 3);
    try {
        effort.done();
        FAIL("done must throw");
    } catch (const Error& failure) {
        CHECK(std::string{failure.what()} == "one; also: three");
    }
}
