// SPDX-License-Identifier: GPL-2.0-or-later
// One contract, held against a fake and against the kernel.
#pragma once

#include <cstdlib>
#include <functional>

#include "support/catch.hpp"

namespace san::test {

/// Runs a check on a bench of either kind. Where the kernel cannot be asked its half is left out,
/// unless SAN_TEST_KERNEL says that it has to be there.
template <class Bench, class Fake_bench, class Real_bench>
void on_fake_and_kernel(const std::function<void(Bench&)>& check) {
    {
        INFO("on the fake");
        Fake_bench bench;
        check(bench);
    }
    if (Real_bench::possible()) {
        INFO("on the kernel");
        Real_bench bench;
        check(bench);
    } else if (std::getenv("SAN_TEST_KERNEL")) {
        FAIL("the kernel's half of the contract cannot run here");
    }
}

}  // namespace san::test
