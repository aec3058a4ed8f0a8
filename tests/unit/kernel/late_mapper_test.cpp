// SPDX-License-Identifier: GPL-2.0-or-later
// The way into a library that is loaded late, and the way out of it for a failure.
#include "base/error.hpp"
#include "kernel/mapper.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("mapper: an Error that leaves the library is caught as one") {
    // No name for a device, whether or not the kernel has the driver.
    const std::string too_long(200, 'x');
    try {
        make_mapper()->remove(too_long);
        FAIL("nothing was thrown");
    } catch (const Error& problem) {
        CHECK(problem.kind() == Kind::failed);
        CHECK_THAT(problem.what(), ContainsSubstring("device-mapper: "));
    }
}
