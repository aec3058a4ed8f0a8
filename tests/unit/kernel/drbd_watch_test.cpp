// SPDX-License-Identifier: GPL-2.0-or-later
// The real netlink, also where DRBD's module is not loaded.
#include "base/error.hpp"
#include "kernel/drbd.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace std::chrono_literals;

TEST_CASE("DRBD can be watched for whether or not its module is loaded") {
    const auto kernel = drbd::make_kernel();
    const auto watch = kernel->watch_always();
    CHECK(watch != nullptr);
    // No event is waited for: this machine may have any.
    watch->wait(Deadline::in(0ms));
    if (!kernel->loaded()) {
        CHECK(kernel->all().empty());
        CHECK_THROWS_AS(kernel->watch(), Error);
    }
}
